// Where in the app somebody is: the address is the only place where that is kept, so that links reproduce views and the
// back button works.
import type { ComponentChildren, JSX } from 'preact';
import { createContext } from 'preact';
import { useContext, useEffect, useMemo, useState } from 'preact/hooks';

export interface Place {
  path: string;
  query: URLSearchParams;
}

export interface Router extends Place {
  go: (to: string, replace?: boolean) => void;
  // ask changes parameters of the address; undefined takes one away.
  ask: (changes: Record<string, string | undefined>, replace?: boolean) => void;
}

const Context = createContext<Router | null>(null);

export function useRouter(): Router {
  const router = useContext(Context);
  if (!router) throw new Error('outside of the router');
  return router;
}

const here = (): string => location.pathname + location.search;

export function RouterProvider({ children }: { children: ComponentChildren }) {
  const [at, setAt] = useState(here());
  useEffect(() => {
    const moved = () => setAt(here());
    addEventListener('popstate', moved);
    return () => removeEventListener('popstate', moved);
  }, []);
  const router = useMemo<Router>(() => {
    const url = new URL(at, location.origin);
    const go = (to: string, replace = false) => {
      if (to === here()) return;
      history[replace ? 'replaceState' : 'pushState'](null, '', to);
      setAt(here());
      if (new URL(to, location.origin).pathname !== url.pathname) scrollTo(0, 0);
    };
    const ask = (changes: Record<string, string | undefined>, replace = false) => {
      const query = new URLSearchParams(location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined || value === '') query.delete(name);
        else query.set(name, value);
      }
      const text = query.toString().replaceAll('%2F', '/').replaceAll('%3A', ':');
      go(location.pathname + (text && `?${text}`), replace);
    };
    return { path: url.pathname, query: url.searchParams, go, ask };
  }, [at]);
  return <Context.Provider value={router}>{children}</Context.Provider>;
}

// Link goes to another place of the app without loading the page anew.
export function Link(props: JSX.HTMLAttributes<HTMLAnchorElement> & { href: string; current?: boolean }) {
  const { go } = useRouter();
  const { current, ...rest } = props;
  return (
    <a
      {...rest}
      aria-current={current ? 'page' : undefined}
      onClick={event => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(props.href);
      }}
    />
  );
}
