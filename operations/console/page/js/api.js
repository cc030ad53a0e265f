// Questions and actions: JSON over HTTP of the console's own server.

/** What the server refused, or that it could not be asked (status 0). */
export class Refusal extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

async function answer_of(request) {
  let response;
  try {
    response = await request();
  } catch {
    throw new Refusal(0, 'unreachable', 'The console does not answer. Is `weir console` running?');
  }
  let body = null;
  try {
    body = await response.json();
  } catch {
    body = null;
  }
  if (!response.ok) throw new Refusal(response.status, body?.code ?? '', body?.detail ?? body?.title ?? `The console answered ${response.status}.`);
  if (body === null) throw new Refusal(response.status, 'unreadable', 'The console answered with something that is no JSON.');
  return body;
}

/** A path with those parameters that have a value. */
export function address(path, parameters = {}) {
  const chosen = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') chosen.set(name, value);
  }
  const text = chosen.toString();
  return text === '' ? path : `${path}?${text}`;
}

export function get(path, parameters) {
  return answer_of(() => fetch(address(path, parameters), {headers: {Accept: 'application/json'}}));
}

export function post(path, body = {}) {
  return answer_of(() => fetch(path, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body)}));
}
