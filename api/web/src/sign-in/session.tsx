// Who is using the app, and what they may do.
import type { ComponentChildren } from 'preact';
import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useMemo, useState } from 'preact/hooks';
import { get, Refusal, type Schemas, send, whenSignedOut } from '../api/client';

export type Person = Schemas['WhoAmI'];
export type Permission = Schemas['Permissions'][number];

export interface Session {
  state: 'asking' | 'in' | 'out' | 'change'; // change: nothing can be done before another password is set
  person?: Person;
  ended: boolean; // it was there, and is over
  error?: Error; // the server could not be asked
  may: (permission: Permission) => boolean;
  signIn: (name: string, password: string, code?: string) => Promise<void>;
  setPassword: (old: string, password: string) => Promise<void>;
  signOut: () => Promise<void>;
  again: () => Promise<void>;
}

const Context = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error('outside of the session');
  return session;
}

type Known = Pick<Session, 'state' | 'person' | 'ended' | 'error'>;

const known = (person: Person): Known => ({
  state: person.must_change_password ? 'change' : 'in',
  person,
  ended: false,
});

async function ask(): Promise<Known> {
  try {
    return known(await get('/session'));
  } catch (error) {
    if (error instanceof Refusal && error.status === 401) return { state: 'out', ended: false };
    return { state: 'asking', ended: false, error: error as Error };
  }
}

export function SessionProvider({ children }: { children: ComponentChildren }) {
  const [now, setNow] = useState<Known>({ state: 'asking', ended: false });
  const again = useCallback(async () => setNow(await ask()), []);
  useEffect(() => {
    again();
    return whenSignedOut(() => setNow(before => (before.state === 'in' ? { state: 'out', ended: true } : before)));
  }, []);
  const session = useMemo<Session>(
    () => ({
      ...now,
      again,
      may: permission => now.person?.permissions.includes(permission) ?? false,
      signIn: async (name, password, code) => {
        const body = { name, password, ...(code ? { totp: code } : {}) };
        setNow(known(await send<Person>('POST', '/session', {}, body)));
      },
      setPassword: async (old, password) => {
        await send('PUT', '/session/password', {}, { old, password });
        await again();
      },
      signOut: async () => {
        await send('DELETE', '/session').catch((error: Refusal) => {
          if (error.status !== 401) throw error;
        });
        setNow({ state: 'out', ended: false });
      },
    }),
    [now],
  );
  return <Context.Provider value={session}>{children}</Context.Provider>;
}
