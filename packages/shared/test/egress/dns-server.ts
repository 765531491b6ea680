import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

const TYPE = { A: 1, CNAME: 5, AAAA: 28 } as const;
const CLASS_IN = 1;
const RESPONSE = 0x8180;

export interface DnsAnswer {
  rcode?: number;
  /** Addresses of both families; an answer has only those of the requested one. */
  addresses?: readonly string[];
  /** The owner name of these addresses. */
  cname?: string;
}

/** What to answer to the n-th (0-based) question for that name and family; `silence` answers nothing. */
export type DnsScript = (name: string, family: 4 | 6, n: number) => DnsAnswer | 'silence';

/** A scripted DNS server on loopback (RFC 1035, UDP); its records have a TTL of 0. */
export async function dnsServer(script: DnsScript) {
  const socket = createSocket('udp4');
  const asked = new Map<string, number>();
  const questions: string[] = [];
  socket.on('message', (query, peer) => {
    const { name, type, end } = question(query);
    const family = type === TYPE.AAAA ? 6 : 4;
    const key = `${name}/${type}`;
    const n = asked.get(key) ?? 0;
    asked.set(key, n + 1);
    questions.push(name);
    const isAddress = type === TYPE.A || type === TYPE.AAAA;
    const answer = isAddress ? script(name, family, n) : script(name, 4, n);
    if (answer === 'silence') return;
    socket.send(
      reply(query.subarray(0, end), isAddress ? family : undefined, answer),
      peer.port,
      peer.address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    /** For DNS_SERVERS. */
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    [Symbol.dispose]: () => void socket.close(),
  };
}

function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function reply(query: Buffer, family: 4 | 6 | undefined, answer: DnsAnswer): Buffer {
  const addresses = (answer.addresses ?? []).filter((address) => family === (isIPv4(address) ? 4 : 6));
  // A compression pointer to the name of the question (RFC 1035, 4.1.4).
  const asked = Buffer.from([0xc0, 12]);
  const owner = answer.cname === undefined ? asked : encodeName(answer.cname);
  const records = addresses.map((address) =>
    record(owner, family === 4 ? TYPE.A : TYPE.AAAA, bytesOf(address)),
  );
  if (answer.cname !== undefined) records.unshift(record(asked, TYPE.CNAME, owner));
  const message = Buffer.concat([query, ...records]);
  message.writeUInt16BE(RESPONSE | (answer.rcode ?? 0), 2);
  message.writeUInt16BE(records.length, 6);
  message.writeUInt32BE(0, 8);
  return message;
}

function record(owner: Buffer, type: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(type, 0);
  fields.writeUInt16BE(CLASS_IN, 2);
  fields.writeUInt16BE(data.length, 8);
  return Buffer.concat([owner, fields, data]);
}

function encodeName(name: string): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const middle = new Array(8 - groups(head).length - groups(tail).length).fill(0);
  const bytes = Buffer.alloc(16);
  [...groups(head), ...middle, ...groups(tail)].forEach(
    (group, index) => void bytes.writeUInt16BE(group, index * 2),
  );
  return bytes;
}
