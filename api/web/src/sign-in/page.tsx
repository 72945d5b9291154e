// Signing in. Somebody whose session has ended is told so, and comes back to where they were.
import './sign-in.css';
import { useEffect, useState } from 'preact/hooks';
import { address, get, type Refusal } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useWords } from '../ui/language';
import { Button, Field, Notice } from '../ui/parts';
import { useRouter } from '../ui/router';
import { LookMenu } from '../ui/shell';
import { NewPassword } from './new-password';
import { useSession } from './session';

// inside lets nobody be sent to another site by a link.
const inside = (next: string | null): string => (next && /^\/(?![/\\])/.test(next) ? next : '/');

export default function SignInPage() {
  const words = useWords();
  const { query, go } = useRouter();
  const session = useSession();
  const [once, setOnce] = useState(''); // the password that must be changed
  const next = inside(query.get('next'));
  useEffect(() => {
    document.title = `${words.signIn.title} · Footfall`;
  }, [words]);
  useEffect(() => {
    if (session.state === 'in') go(next, true);
  }, [session.state]);
  return (
    <main class="sign-in" id="main">
      <div class="sign-in-tools">
        <LookMenu />
      </div>
      <div class="card sign-in-card">
        <h1>
          <img src="/icon.svg" alt="" width="28" height="28" /> Footfall
        </h1>
        {session.ended && <Notice mood="poor">{words.signIn.ended}</Notice>}
        {session.state === 'change' ? (
          <NewPassword old={once} must />
        ) : (
          <>
            <Elsewhere next={next} refused={words.signIn.refused[query.get('refused') ?? '']} />
            <Form onSent={setOnce} />
          </>
        )}
      </div>
    </main>
  );
}

// Elsewhere leads to the provider of identities, where there is one.
function Elsewhere({ next, refused }: { next: string; refused: string | undefined }) {
  const words = useWords();
  const asked = useAnswer('ways', signal => get('/session/ways', { signal }));
  const name = asked.data?.provider;
  if (!name) return null;
  return (
    <div class="sign-in-form">
      {refused && <Notice mood="bad">{refused}</Notice>}
      <a class="button primary" href={address('/session/provider', {}, { page: next })}>
        {words.signIn.elsewhere(name)}
      </a>
      <p class="sign-in-or quiet small">{words.signIn.or}</p>
    </div>
  );
}

function Form({ onSent }: { onSent: (password: string) => void }) {
  const words = useWords();
  const session = useSession();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [needsCode, setNeedsCode] = useState(false);
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setWrong('');
    onSent(password);
    try {
      await session.signIn(name.trim().toLowerCase(), password, code);
    } catch (error) {
      const refusal = error as Refusal;
      if (refusal.field === 'totp') setNeedsCode(true);
      if (refusal.field !== 'totp' || code) setWrong(refusal.status === 0 ? words.common.unreachable : refusal.message);
      setBusy(false);
    }
  };
  return (
    <form onSubmit={submit} class="sign-in-form">
      <Field
        label={words.signIn.name}
        value={name}
        onChange={setName}
        name="username"
        autocomplete="username"
        autocapitalize="none"
        required
        autofocus
      />
      <Field
        label={words.signIn.password}
        type="password"
        value={password}
        onChange={setPassword}
        name="password"
        autocomplete="current-password"
        required
      />
      {needsCode && (
        <Field
          label={words.signIn.code}
          value={code}
          onChange={setCode}
          autocomplete="one-time-code"
          inputMode="numeric"
          required
          autofocus
        />
      )}
      {wrong && <Notice mood="bad">{wrong}</Notice>}
      <Button type="submit" look="primary" disabled={busy}>
        {words.signIn.title}
      </Button>
      <p class="quiet small">{words.signIn.hint}</p>
    </form>
  );
}
