// Light or dark: as the system has it, unless somebody chose. Colours follow by themselves (tokens.css).
import { useEffect, useState } from 'preact/hooks';

export type Theme = 'system' | 'light' | 'dark';
const kept = 'footfall.theme';

export function storedTheme(): Theme {
  const stored = localStorage.getItem(kept);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') {
    localStorage.removeItem(kept);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(kept, theme);
    document.documentElement.dataset.theme = theme;
  }
  dispatchEvent(new Event('footfall:theme'));
}

// useRepaint counts up whenever colours change, for what is painted on a canvas.
export function useRepaint(): number {
  const [n, setN] = useState(0);
  useEffect(() => {
    const changed = () => setN(count => count + 1);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', changed);
    addEventListener('footfall:theme', changed);
    return () => {
      dark.removeEventListener('change', changed);
      removeEventListener('footfall:theme', changed);
    };
  }, []);
  return n;
}

// followPaper makes a page light before it is printed: the media query says so only when charts have been painted.
export function followPaper(): void {
  const set = (event: Event) => document.documentElement.toggleAttribute('data-paper', event.type === 'beforeprint');
  addEventListener('beforeprint', set);
  addEventListener('afterprint', set);
}

// usePaper says whether the page is being printed.
export function usePaper(): boolean {
  const [paper, setPaper] = useState(false);
  useEffect(() => {
    const set = (event: Event) => setPaper(event.type === 'beforeprint');
    addEventListener('beforeprint', set);
    addEventListener('afterprint', set);
    return () => {
      removeEventListener('beforeprint', set);
      removeEventListener('afterprint', set);
    };
  }, []);
  return paper;
}

// useMedia follows a media query.
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const changed = () => setMatches(media.matches);
    changed();
    media.addEventListener('change', changed);
    return () => media.removeEventListener('change', changed);
  }, [query]);
  return matches;
}
