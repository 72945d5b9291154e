// The count by a person, who does not see the system's count before having counted.
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Refusal, type Schemas, send } from '../api/client';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Button, IconButton, Notice } from '../ui/parts';
import type { Clip } from './clip-list';
import type { PlayerHandle } from './player';
import { Compared, Crossings } from './review';

export type Review = Schemas['Review'];
type Tap = Schemas['Tap'];

interface Props {
  clip: Clip;
  line: string;
  player: RefObject<PlayerHandle>;
  reason: string;
  reviews: Review[];
  again: () => void;
}

export function Human({ clip, line, player, reason, reviews, again }: Props) {
  const words = useWords();
  const [counting, setCounting] = useState(false);
  const [error, setError] = useState<Refusal>();
  const seen = clip.revealed.includes(line);
  const seek = (seconds: number) => {
    player.current?.pause();
    player.current?.seek(Math.max(0, seconds - 1));
  };
  const reveal = () =>
    send('POST', '/clips/{id}/reveal', { id: clip.id }, { reason }).then(again, (refused: Refusal) =>
      setError(refused),
    );
  return (
    <section class="card panel-body" aria-labelledby="count-title">
      <h2 id="count-title">{words.audit.count}</h2>
      {error && <Notice mood="bad">{error.message}</Notice>}
      {counting ? (
        <Counting
          clip={clip}
          line={line}
          player={player}
          onDone={() => {
            setCounting(false);
            again();
          }}
          onCancel={() => setCounting(false)}
        />
      ) : (
        <>
          <p class="quiet">{seen ? words.audit.countSeen : words.audit.countHint}</p>
          <div class="row">
            <Button
              look="primary"
              onClick={() => {
                setCounting(true);
                player.current?.seek(0);
                player.current?.play();
              }}
            >
              {reviews.length ? words.audit.countAgain : words.audit.start}
            </Button>
            {!seen && <Button onClick={reveal}>{words.audit.reveal}</Button>}
          </div>
          {reviews.map(review => (
            <Compared key={review.id} review={review} onSeek={seek} />
          ))}
          {seen && reviews.length === 0 && <Crossings clip={clip} line={line} onSeek={seek} />}
        </>
      )}
    </section>
  );
}

interface CountingProps {
  clip: Clip;
  line: string;
  player: RefObject<PlayerHandle>;
  onDone: () => void;
  onCancel: () => void;
}

function Counting({ clip, line, player, onDone, onCancel }: CountingProps) {
  const words = useWords();
  const format = useFormat();
  const [taps, setTaps] = useState<Tap[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Refusal>();
  const tap = (direction: Tap['direction']) => {
    const seconds = Math.round((player.current?.seconds() ?? 0) * 100) / 100;
    setTaps(before => [...before, { seconds, direction }].sort((a, b) => a.seconds - b.seconds));
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement).closest('input:not([type=range]), select, textarea');
      if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (event.key === 'i' || event.key === 'I') tap('in');
      else if (event.key === 'o' || event.key === 'O') tap('out');
      else if (event.key === 'Backspace') setTaps(before => before.slice(0, -1));
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  const finish = async () => {
    setBusy(true);
    try {
      await send('POST', '/clips/{id}/reviews', { id: clip.id }, { line, taps });
      onDone();
    } catch (refused) {
      setError(refused as Refusal);
      setBusy(false);
    }
  };
  const of = (direction: Tap['direction']) => format.number(taps.filter(t => t.direction === direction).length);
  return (
    <>
      <p class="quiet">{words.audit.tapHint}</p>
      <div class="tap-row">
        <button type="button" class="button tap in" onClick={() => tap('in')}>
          <kbd>I</kbd> {words.common.in} <strong>{of('in')}</strong>
        </button>
        <button type="button" class="button tap out" onClick={() => tap('out')}>
          <kbd>O</kbd> {words.common.out} <strong>{of('out')}</strong>
        </button>
      </div>
      <ol class="taps" aria-label={words.audit.taps}>
        {taps.map((t, i) => (
          <li key={`${t.seconds} ${i}`}>
            <span>{words.audit.seconds(format.number(t.seconds, 1))}</span>
            <span>{words.common[t.direction]}</span>
            <IconButton
              icon="close"
              label={words.audit.takeBack}
              onClick={() => setTaps(before => before.filter((_, n) => n !== i))}
            />
          </li>
        ))}
      </ol>
      {error && <Notice mood="bad">{error.message}</Notice>}
      <div class="row">
        <Button look="primary" disabled={busy} onClick={finish}>
          {words.audit.finish}
        </Button>
        <Button onClick={onCancel}>{words.common.cancel}</Button>
      </div>
    </>
  );
}
