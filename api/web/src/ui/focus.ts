// Where the keyboard is. What had the focus may go away, with a page or a part of it: without this, whoever works by
// keyboard would begin at the top of everything again.
import { useEffect, useRef } from 'preact/hooks';

const focusable =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), summary, [tabindex="0"]';
// In a part, the focus goes on with what is left of it; in anything larger it begins at the heading.
const parts = 'dialog[open], form, fieldset, section, ul, ol, [role="group"], [role="application"]';

const shown = (node: Element): boolean => node.getClientRects().length > 0;

const lost = (): boolean => !document.activeElement || document.activeElement === document.body;

function focus(node: HTMLElement | SVGElement): void {
  if (!node.matches(focusable)) node.setAttribute('tabindex', '-1');
  node.focus();
}

// beginning is where a page begins: at what one is asked for, else at its heading.
function beginning(): HTMLElement | undefined {
  const found = [...document.querySelectorAll<HTMLElement>('main input[autofocus], main h1')].filter(shown);
  return found.find(node => node.matches('input')) ?? found[0];
}

// near is what is left of the part in which something was.
function near(path: Element[]): HTMLElement | SVGElement | undefined {
  const home = path.find(node => node.isConnected)?.closest(parts);
  if (!home?.closest('main, dialog')) return undefined;
  return [...home.querySelectorAll<HTMLElement | SVGElement>(focusable)].find(shown);
}

// useFocus keeps the focus where somebody is. It is told the path of the page.
export function useFocus(path: string): void {
  const inside = useRef<Element[]>([]); // what had the focus last, and all that it lies in
  const arriving = useRef(false);
  const pointed = useRef(false); // with a mouse or a finger, the focus is where one points
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const took = (event: FocusEvent) => {
      inside.current = event.composedPath().filter(node => node instanceof Element);
    };
    const pointing = (event: Event) => {
      pointed.current = event.type === 'pointerdown';
    };
    const settle = () => {
      const [last] = inside.current;
      if (pointed.current || (!arriving.current && (!last || last.isConnected || !lost()))) return;
      const next = (arriving.current ? undefined : near(inside.current)) ?? beginning();
      if (!next) return; // the page is still asked for
      arriving.current = false;
      focus(next);
    };
    // A part that knows better where the focus belongs says so in an effect of its own, which comes before.
    const changed = () => {
      clearTimeout(timer);
      timer = setTimeout(settle, 50);
    };
    const watcher = new MutationObserver(changed);
    watcher.observe(document.body, { childList: true, subtree: true });
    addEventListener('focusin', took);
    addEventListener('pointerdown', pointing);
    addEventListener('keydown', pointing, true);
    return () => {
      clearTimeout(timer);
      watcher.disconnect();
      removeEventListener('focusin', took);
      removeEventListener('pointerdown', pointing);
      removeEventListener('keydown', pointing, true);
    };
  }, []);
  useEffect(() => {
    // Whoever has gone elsewhere by a way outside of the page is at its beginning.
    arriving.current = !pointed.current && !lost() && !document.activeElement?.closest('main, dialog');
  }, [path]);
}
