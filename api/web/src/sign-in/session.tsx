// Who is using the app, and what they may do. A server without logins lets everybody do everything.
import type { ComponentChildren } from 'preact';
import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useMemo, useState } from 'preact/hooks';
import { address, type Refusal, send, whenSignedOut } from '../api/client';

interface Person {
  name: string;
  roles: string[];
  permissions: string[];
  must_change_password?: boolean;
}

export interface Session {
  state: 'asking' | 'in' | 'out';
  logins: boolean; // whether there are any here
  person?: Person;
  ended: boolean; // it was there, and is over
  may: (permission: string) => boolean;
  signIn: (name: string, password: string, code?: string) => Promise<void>;
  signOut: () => Promise<void>;
}

const Context = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error('outside of the session');
  return session;
}

interface Known {
  state: Session['state'];
  logins: boolean;
  person?: Person;
  ended: boolean;
}

// ask asks who we are. 404: this server has no logins.
async function ask(): Promise<Known> {
  const answer = await fetch(address('/session'));
  if (answer.status === 404) return { state: 'in', logins: false, ended: false };
  if (!answer.ok) return { state: 'out', logins: true, ended: false };
  return { state: 'in', logins: true, person: (await answer.json()) as Person, ended: false };
}

export function SessionProvider({ children }: { children: ComponentChildren }) {
  const [known, setKnown] = useState<Known>({ state: 'asking', logins: true, ended: false });
  // A server that cannot be reached is told of by whatever is asked next.
  const again = useCallback(
    () => ask().then(setKnown, () => setKnown({ state: 'in', logins: false, ended: false })),
    [],
  );
  useEffect(() => {
    again();
    return whenSignedOut(() =>
      setKnown(k => (k.state === 'in' && k.logins ? { state: 'out', logins: true, ended: true } : k)),
    );
  }, []);
  const session = useMemo<Session>(
    () => ({
      ...known,
      may: permission => !known.logins || (known.person?.permissions.includes(permission) ?? false),
      signIn: async (name, password, code) => {
        await send('POST', '/session', {}, { name, password, ...(code ? { totp: code } : {}) });
        await again();
      },
      signOut: async () => {
        await send('DELETE', '/session').catch((error: Refusal) => {
          if (error.status !== 401) throw error;
        });
        setKnown({ state: 'out', logins: true, ended: false });
      },
    }),
    [known],
  );
  return <Context.Provider value={session}>{children}</Context.Provider>;
}
