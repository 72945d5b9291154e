// The check of a clip in the browser: the same hashes and signature that `footfall clips verify` checks offline.
import { address, bytes } from '../api/client';

export type Outcome = 'genuine' | 'altered' | 'forged' | 'cannot';

const hex = (buffer: ArrayBuffer) => Array.from(new Uint8Array(buffer), b => b.toString(16).padStart(2, '0')).join('');
const unbase64 = (text: string) => Uint8Array.from(atob(text), c => c.charCodeAt(0));

// statementOf is the very text that was signed: a manifest is written in one way only.
function statementOf(manifest: string): string {
  const mark = '"statement":';
  return manifest.slice(manifest.indexOf(mark) + mark.length, manifest.lastIndexOf('}'));
}

// verifyClip fetches the video, its manifest and the public key. Without HTTPS browsers hash nothing.
export async function verifyClip(id: string, reason: string): Promise<Outcome> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return 'cannot';
  const [video, manifest, pem] = await Promise.all([
    bytes(address('/clips/{id}/video.mp4', { id }, { reason })),
    bytes(address('/clips/{id}/manifest.json', { id }, { reason })).then(b => new TextDecoder().decode(b)),
    bytes(address('/clips/key.pem')).then(b => new TextDecoder().decode(b)),
  ]);
  const statement = new TextEncoder().encode(statementOf(manifest));
  const sealed = JSON.parse(manifest) as { hash: string; signature: string; statement: { id: string; sha256: string } };
  if (hex(await subtle.digest('SHA-256', statement)) !== sealed.hash) return 'forged';
  const der = unbase64(pem.replace(/-----[^-]+-----|\s/g, ''));
  const kind = new TextEncoder().encode('footfall clip manifest\n');
  const message = new Uint8Array([...kind, ...statement]);
  let signed: boolean;
  try {
    const key = await subtle.importKey('spki', der, { name: 'Ed25519' }, false, ['verify']);
    signed = await subtle.verify({ name: 'Ed25519' }, key, unbase64(sealed.signature), message);
  } catch {
    return 'cannot'; // a browser that does not know Ed25519
  }
  if (!signed || sealed.statement.id !== id) return 'forged';
  return hex(await subtle.digest('SHA-256', video)) === sealed.statement.sha256 ? 'genuine' : 'altered';
}
