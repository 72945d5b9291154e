// Alarms stay until somebody takes note, also when what they tell of is over. They are kept in this browser.
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Schemas } from '../api/client';
import type { House } from './watch';

export interface Alarm {
  key: string; // what it is about
  kind: 'camera' | 'area';
  id: string;
  name: string;
  what: string; // a state of cameras, or how full an area is
  reason?: string;
  since: number;
  over?: number;
  noted?: boolean; // somebody has taken note while it goes on
}

const kept = 'footfall.alarms';
const most = 200;

// trouble is what of the house is an alarm now.
function trouble(house: House): Omit<Alarm, 'since'>[] {
  const found: Omit<Alarm, 'since'>[] = [];
  for (const { id, name, status } of house.cameras) {
    const troubled = ['offline', 'degraded', 'quarantined'].includes(status.state);
    if (troubled || status.reason === 'moved') {
      found.push({
        key: `camera ${id}`,
        kind: 'camera',
        id,
        name,
        what: status.state,
        ...(status.reason ? { reason: status.reason } : {}),
      });
    }
  }
  for (const area of house.areas) {
    const fill: Schemas['Fill'] | undefined = house.inside[area.id]?.fill;
    if (fill === 'full') found.push({ key: `area ${area.id}`, kind: 'area', id: area.id, name: area.name, what: fill });
  }
  return found;
}

// follow is the alarms after the house has changed: new ones are raised, old ones are marked as over, and what was noted
// and is over goes.
export function follow(alarms: Alarm[], house: House, now: number): Alarm[] {
  if (!house.ready) return alarms;
  const present = trouble(house);
  const next: Alarm[] = [];
  for (const alarm of alarms) {
    const still = present.find(p => p.key === alarm.key);
    if (alarm.over) {
      next.push(alarm);
    } else if (still) {
      next.push({ ...alarm, ...still });
    } else if (!alarm.noted) {
      next.push({ ...alarm, over: now });
    }
  }
  for (const one of present) {
    if (!next.some(alarm => alarm.key === one.key && !alarm.over)) next.push({ ...one, since: now });
  }
  return next.slice(-most);
}

function stored(): Alarm[] {
  try {
    return JSON.parse(localStorage.getItem(kept) ?? '[]') as Alarm[];
  } catch {
    return [];
  }
}

export interface Alarms {
  open: Alarm[]; // that nobody has taken note of, the newest first
  note: (alarm?: Alarm) => void; // without one, of all
}

export function useAlarms(house: House): Alarms {
  const [alarms, setAlarms] = useState(stored);
  useEffect(() => {
    setAlarms(before => {
      const next = follow(before, house, Date.now());
      localStorage.setItem(kept, JSON.stringify(next));
      return next;
    });
  }, [house.cameras, house.inside, house.ready]);
  return useMemo(() => {
    const note = (alarm?: Alarm) =>
      setAlarms(before => {
        const next = before.flatMap(a => (alarm && a !== alarm ? [a] : a.over ? [] : [{ ...a, noted: true }]));
        localStorage.setItem(kept, JSON.stringify(next));
        return next;
      });
    return { open: alarms.filter(a => !a.noted).reverse(), note };
  }, [alarms]);
}
