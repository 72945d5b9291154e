import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

// Answered is what is known of a question: what was answered last stays while it is asked again.
export interface Answered<T> {
  data?: T;
  error?: Error;
  asking: boolean;
  stale: boolean; // what is there answers the question before
  again: () => void;
}

// useAnswer asks whenever the key changes, and again every so many milliseconds.
export function useAnswer<T>(key: string, ask: (signal: AbortSignal) => Promise<T>, every = 0): Answered<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: Error; asking: boolean }>({ key, asking: true });
  const [round, setRound] = useState(0);
  const question = useRef(ask);
  question.current = ask;
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const turn = async () => {
      setState(s => ({ ...s, asking: true }));
      try {
        const data = await question.current(stop.signal);
        if (!stop.signal.aborted) setState({ key, data, asking: false });
      } catch (error) {
        if (!stop.signal.aborted) {
          setState(s => ({ key, data: s.key === key ? s.data : undefined, error: error as Error, asking: false }));
        }
      }
      if (every && !stop.signal.aborted) timer = setTimeout(turn, every);
    };
    turn();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [key, round, every]);
  const again = useCallback(() => setRound(n => n + 1), []);
  return { data: state.data, error: state.error, asking: state.asking, stale: state.key !== key, again };
}
