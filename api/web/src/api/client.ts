// What is asked of the server. Paths, parameters and answers have the types of api/openapi.yaml.
import type { components, paths } from './schema';

export type Schemas = components['schemas'];
export type Camera = Schemas['Camera'];
export type CameraStatus = Schemas['CameraStatus'];
export type Line = Schemas['Line'];
export type Zone = Schemas['Zone'];
export type Point = [number, number];
export type Site = Schemas['Site'];
export type Area = Schemas['Area'];
export type Occupancy = Schemas['Occupancy'];
export type Worker = Schemas['Worker'];
export type Count = Schemas['Count'];

type Get<P extends keyof paths> = paths[P] extends { get: infer G } ? G : never;
type Answer<P extends keyof paths> =
  Get<P> extends { responses: { 200: { content: { 'application/json': infer A } } } } ? A : never;
type Query<P extends keyof paths> = Get<P> extends { parameters: { query?: infer Q } } ? Q : never;

export interface Asked<P extends keyof paths> {
  in?: Record<string, string>; // what stands in the path
  query?: Query<P>;
  signal?: AbortSignal;
}

const base = '/api/v1';

// Refusal is an answer that is none: a problem document, or nothing at all (status 0).
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }
}

// address is the address of a path of the API with its parameters.
export function address(path: string, place: Record<string, string> = {}, query: object = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(place[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== '') search.append(name, String(one));
    }
  }
  const text = search.toString();
  return base + filled + (text && `?${text}`);
}

// Whoever wants to know that a session has ended; see sign-in/session.ts.
const watchers = new Set<() => void>();
export function whenSignedOut(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}

async function fetched(url: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(url, init).catch((error: Error) => {
    if (error.name === 'AbortError') throw error;
    throw new Refusal(0, error.message);
  });
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as Partial<Schemas['Problem']>;
  if (answer.status === 401) for (const tell of watchers) tell();
  throw new Refusal(answer.status, problem.detail ?? answer.statusText, problem.field);
}

// get asks for a JSON document.
export async function get<P extends keyof paths>(path: P, asked: Asked<P> = {}): Promise<Answer<P>> {
  const url = address(path, asked.in, (asked.query as object) ?? {});
  const answer = await fetched(url, { headers: { Accept: 'application/json' }, signal: asked.signal ?? null });
  return (await answer.json()) as Answer<P>;
}

// send changes something; what is answered, if anything, is returned.
export async function send<T = undefined>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: keyof paths,
  place: Record<string, string> = {},
  body?: object,
  query?: object,
): Promise<T> {
  const init: RequestInit = { method };
  if (body) {
    init.headers = { 'Content-Type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  const answer = await fetched(address(path, place, query), init);
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

// download asks for a file and hands it to the browser to keep.
export async function download(path: keyof paths, body: object, name: string): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetched(base + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// bytes asks for a file as it is.
export async function bytes(url: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  return (await fetched(url, { signal: signal ?? null })).arrayBuffer();
}

// cameras are all of them, page by page.
export async function cameras(signal?: AbortSignal): Promise<Camera[]> {
  const found: Camera[] = [];
  let cursor: string | undefined;
  do {
    const page = await get('/cameras', { query: { limit: 1000, cursor }, signal });
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return found;
}
