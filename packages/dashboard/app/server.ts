/**
 * How the page asks its server: with the key that its user typed, which lives as long as the tab.
 */
const KEY_NAME = 'wafer-key';

export function storedKey(): string {
  return sessionStorage.getItem(KEY_NAME) ?? '';
}

export function storeKey(key: string): void {
  if (key === '') sessionStorage.removeItem(KEY_NAME);
  else sessionStorage.setItem(KEY_NAME, key);
}

/** What a server says when it does not answer as asked. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Asks; a body goes as JSON. Throws: Refused. */
export async function ask(
  path: string,
  { body, signal }: { body?: unknown; signal?: AbortSignal } = {},
): Promise<Response> {
  const key = storedKey();
  const headers: Record<string, string> = {};
  if (key !== '') headers['authorization'] = `Bearer ${key}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.ok) return response;
  const text = await response.text();
  let message = text;
  try {
    message = (JSON.parse(text) as { error: { message: string } }).error.message;
  } catch {
    // Not every refusal comes from the server itself.
  }
  throw new Refused(response.status, message || `status ${response.status}`);
}

/** The data of server-sent events as they come, parsed. Throws: Refused for an error event. */
export async function* events<Data>(
  response: Response,
): AsyncGenerator<Awaited<Data>, void, undefined> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + value).split('\n\n');
      rest = parts.pop()!;
      for (const part of parts) {
        const line = part.split('\n').find((one) => one.startsWith('data: '));
        const data = line?.slice('data: '.length);
        if (data === undefined || data === '[DONE]') continue;
        const parsed = JSON.parse(data) as Awaited<Data> & { error?: { message: string } };
        if (parsed.error) throw new Refused(200, parsed.error.message);
        yield parsed;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
