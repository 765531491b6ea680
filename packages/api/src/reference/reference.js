// Sends the examples of the reference, and opens what a link leads to. The API key is kept in its field alone.
const key = document.querySelector('#key');
const MAX_SHOWN = 65_536;

/** The request that a form describes. */
function requestOf(form) {
  const { method, path } = form.dataset;
  const query = new URLSearchParams();
  let url = path;
  for (const input of form.querySelectorAll('input')) {
    if (input.dataset.in === 'path')
      url = url.replace(`{${input.name}}`, encodeURIComponent(input.value || input.placeholder));
    else if (input.value !== '') query.set(input.name, input.value);
  }
  const search = query.toString();
  const body = form.querySelector('textarea')?.value;
  return { method: method.toUpperCase(), url: search === '' ? url : `${url}?${search}`, body };
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The same request for a terminal; the key is not in it. */
function curlOf({ method, url, body }) {
  const parts = [
    'curl',
    '-X',
    method,
    quoted(new URL(url, location.href).href),
    '-H',
    '"Authorization: Bearer $MAHILO_KEY"',
  ];
  if (body !== undefined) parts.push('-H', quoted('Content-Type: application/json'), '-d', quoted(body));
  return parts.join(' ');
}

function showCurl(form) {
  form.querySelector('.curl').textContent = curlOf(requestOf(form));
}

/** Shows an answer as it comes: a stream has no end. */
async function show(response, output) {
  output.textContent = `${response.status} ${response.statusText}\n`;
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    output.textContent = `${response.status} ${response.statusText}\n${text.slice(-MAX_SHOWN)}`;
  }
  if (!response.headers.get('content-type')?.startsWith('application/json') || text === '') return;
  output.textContent = `${response.status} ${response.statusText}\n${JSON.stringify(JSON.parse(text), null, 2).slice(0, MAX_SHOWN)}`;
}

async function send(form) {
  const output = form.querySelector('output');
  const button = form.querySelector('button');
  const { method, url, body } = requestOf(form);
  const stop = new AbortController();
  const headers = {
    ...(key.value !== '' && { authorization: `Bearer ${key.value.trim()}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  form.stop = () => stop.abort();
  button.textContent = 'Stop';
  try {
    await show(await fetch(url, { method, headers, body, signal: stop.signal }), output);
  } catch (error) {
    if (!stop.signal.aborted) output.textContent = String(error);
  } finally {
    form.stop = undefined;
    button.textContent = 'Send';
  }
}

document.addEventListener('submit', (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.dataset.path === undefined) return;
  if (form.stop) form.stop();
  else void send(form);
});

document.addEventListener('input', (event) => {
  const form = event.target.closest('form[data-path]');
  if (form !== null) showCurl(form);
});

document.addEventListener(
  'toggle',
  ({ target }) => {
    const form = target.open ? target.querySelector('form') : null;
    if (form !== null) showCurl(form);
  },
  true,
);

/** Opens what the address names. */
function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = named?.closest('details'); part; part = part.parentElement.closest('details'))
    part.open = true;
  named?.scrollIntoView();
}

addEventListener('hashchange', openNamed);
openNamed();
