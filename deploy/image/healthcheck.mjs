// The health check of the images: exit code 0 when the process takes work, 1 when not. It is plain JavaScript, since it
// runs every half minute and Node would load its type stripper each time.
// Usage: node deploy/image/healthcheck.mjs <variable with the port> <variable with the address>
import { get } from 'node:http';

const TIMEOUT_MS = 8000;
const ANY_ADDRESS = [undefined, '', '0.0.0.0', '::'];

const [port, host] = process.argv.slice(2).map((variable) => process.env[variable]);
const hostname = ANY_ADDRESS.includes(host) ? '127.0.0.1' : host;
process.exitCode = 1;
get({ hostname, port, path: '/ready', signal: AbortSignal.timeout(TIMEOUT_MS) }, (answer) => {
  console.log(`/ready on ${hostname}:${port}: ${answer.statusCode}`);
  if (answer.statusCode === 200) process.exitCode = 0;
  answer.resume();
}).on('error', (error) => console.log(`/ready on ${hostname}:${port}: ${error.message}`));
