// The frame around every room: where one can go, and how the app looks and speaks.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Room } from '../rooms';
import { type Permission, useSession } from '../sign-in/session';
import { Icon, type IconName } from './icons';
import { type Language, languages, useSpeech, useWords } from './language';
import { Link } from './router';
import { applyTheme, storedTheme, type Theme } from './theme';

const ways: [Room, IconName, Permission][] = [
  ['live', 'live', 'preview.watch'],
  ['counts', 'counts', 'counts.read'],
  ['audit', 'audit', 'clips.read'],
  ['setup', 'setup', 'cameras.edit'],
];

export function Shell(props: { room?: Room; bare: boolean; children: ComponentChildren }) {
  const words = useWords();
  const session = useSession();
  if (props.bare) return <main class="main bare">{props.children}</main>;
  return (
    <>
      <a class="skip button" href="#main">
        {words.shell.skip}
      </a>
      <header class="bar no-print">
        <Link class="brand" href="/" aria-label={words.shell.home}>
          <img src="/icon.svg" alt="" width="24" height="24" />
          <span>Footfall</span>
        </Link>
        <nav aria-label={words.shell.rooms} class="ways">
          {ways
            .filter(([, , permission]) => session.may(permission))
            .map(([room, icon]) => (
              <Link key={room} href={`/${room}`} current={room === props.room} class="way">
                <Icon name={icon} />
                <span>{words.shell[room as 'live' | 'counts' | 'audit' | 'setup']}</span>
              </Link>
            ))}
        </nav>
        <div class="tools">
          <LookMenu />
          {session.person && <PersonMenu />}
        </div>
      </header>
      <main class="main" id="main" tabIndex={-1}>
        {props.children}
      </main>
    </>
  );
}

// Menu is a button with a small panel below it, which closes when one goes elsewhere.
function Menu(props: { icon: IconName; label: string; children: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    if (!open) return;
    const leave = (event: Event) => {
      if (!ref.current?.contains(event.target as Node)) setOpen(false);
    };
    const close = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      if (ref.current?.contains(document.activeElement)) ref.current.querySelector('button')?.focus();
      setOpen(false);
    };
    addEventListener('pointerdown', leave);
    addEventListener('focusin', leave);
    addEventListener('keydown', close);
    return () => {
      removeEventListener('pointerdown', leave);
      removeEventListener('focusin', leave);
      removeEventListener('keydown', close);
    };
  }, [open]);
  return (
    <div class="menu" ref={ref}>
      <button
        type="button"
        class="button icon plain"
        title={props.label}
        aria-label={props.label}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Icon name={props.icon} />
      </button>
      <div class="panel card" id={id} hidden={!open}>
        {props.children}
      </div>
    </div>
  );
}

// Choices is a list of which one is chosen.
function Choices<T extends string>(props: {
  title: string;
  options: [T, string][];
  value: T;
  onChange: (value: T) => void;
}) {
  const name = useId();
  return (
    <fieldset>
      <legend class="label">{props.title}</legend>
      {props.options.map(([value, text]) => (
        <label key={value} class="check" lang={value in languages ? value : undefined}>
          <input type="radio" name={name} checked={value === props.value} onChange={() => props.onChange(value)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

export function LookMenu() {
  const { words, language, choose } = useSpeech();
  const [theme, setTheme] = useState(storedTheme);
  const pick = (chosen: Theme) => {
    applyTheme(chosen);
    setTheme(chosen);
  };
  return (
    <Menu icon="globe" label={words.shell.look}>
      <Choices<Language>
        title={words.shell.language}
        options={Object.entries(languages) as [Language, string][]}
        value={language}
        onChange={choose}
      />
      <Choices<Theme>
        title={words.shell.theme}
        options={[
          ['system', words.shell.themeSystem],
          ['light', words.shell.themeLight],
          ['dark', words.shell.themeDark],
        ]}
        value={theme}
        onChange={pick}
      />
    </Menu>
  );
}

function PersonMenu() {
  const words = useWords();
  const session = useSession();
  return (
    <Menu icon="person" label={session.person?.full_name || (session.person?.name ?? '')}>
      <p>
        <strong>{session.person?.full_name || session.person?.name}</strong>
        <br />
        <span class="quiet small">{session.person?.roles.map(role => words.roles[role]).join(', ')}</span>
      </p>
      {session.person?.kind === 'person' && (
        <Link class="button" href="/account">
          {words.account.title}
        </Link>
      )}
      <button type="button" class="button" onClick={() => session.signOut()}>
        {words.signIn.out}
      </button>
    </Menu>
  );
}
