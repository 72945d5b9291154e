import { useEffect, useState } from 'preact/hooks';
import { useFormat } from '../ui/format';
import { Icon } from '../ui/icons';
import { useWords } from '../ui/language';
import { Button } from '../ui/parts';
import { Link } from '../ui/router';
import type { Alarm, Alarms } from './alarms';

const shown = 4;

// AlarmBar shows the alarms that nobody has taken note of.
export function AlarmBar({ alarms }: { alarms: Alarms }) {
  const words = useWords();
  const [all, setAll] = useState(false);
  if (!alarms.open.length) return null;
  const list = all ? alarms.open : alarms.open.slice(0, shown);
  return (
    <section class="alarms" aria-label={words.live.alarms}>
      <div role="alert">
        <ul>
          {list.map(alarm => (
            <OneAlarm key={`${alarm.key} ${alarm.since}`} alarm={alarm} onNote={() => alarms.note(alarm)} />
          ))}
        </ul>
      </div>
      {alarms.open.length > 1 && (
        <div class="row">
          {alarms.open.length > shown && (
            <Button look="plain" onClick={() => setAll(!all)}>
              {all ? words.live.fewer : words.live.more(alarms.open.length - shown)}
            </Button>
          )}
          <Button onClick={() => alarms.note()}>{words.live.noteAll}</Button>
        </div>
      )}
    </section>
  );
}

function OneAlarm({ alarm, onNote }: { alarm: Alarm; onNote: () => void }) {
  const words = useWords();
  const format = useFormat();
  const [, setN] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setN(n => n + 1), 10_000);
    return () => clearInterval(timer);
  }, []);
  const reason = words.reasons[alarm.reason as keyof typeof words.reasons];
  const state = words.states[alarm.what as keyof typeof words.states];
  const what = alarm.kind === 'area' ? words.live.areaFull : (reason ?? state);
  const lasted = alarm.over
    ? words.live.lasted(format.hour(alarm.since), format.hour(alarm.over))
    : format.ago((Date.now() - alarm.since) / 1000);
  return (
    <li class="alarm" data-over={Boolean(alarm.over)}>
      <Icon name={alarm.over ? 'check' : 'alert'} />
      <span class="what">
        {alarm.kind === 'camera' ? <Link href={`/live/${alarm.id}`}>{alarm.name}</Link> : <b>{alarm.name}</b>} {what}{' '}
        <span class="when">{lasted}</span>
      </span>
      <Button onClick={onNote}>{words.live.note}</Button>
    </li>
  );
}
