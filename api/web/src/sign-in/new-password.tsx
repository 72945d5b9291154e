import { useState } from 'preact/hooks';
import type { Refusal } from '../api/client';
import { useWords } from '../ui/language';
import { Button, Field, Notice } from '../ui/parts';
import { useSession } from './session';

// NewPassword sets another password. The old one is asked for unless it was typed a moment ago.
export function NewPassword(props: { old: string; must?: boolean; onDone?: () => void }) {
  const words = useWords();
  const session = useSession();
  const [old, setOld] = useState(props.old);
  const [fresh, setFresh] = useState('');
  const [wrong, setWrong] = useState<Refusal>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setWrong(undefined);
    try {
      await session.setPassword(old, fresh);
      props.onDone?.();
    } catch (error) {
      setWrong(error as Refusal);
    }
    setBusy(false);
  };
  return (
    <form onSubmit={submit} class="sign-in-form">
      {props.must && <p>{words.signIn.mustChange}</p>}
      {!props.old && (
        <Field
          label={words.signIn.oldPassword}
          type="password"
          value={old}
          onChange={setOld}
          autocomplete="current-password"
          required
        />
      )}
      <Field
        label={words.signIn.newPassword}
        hint={words.signIn.newPasswordHint}
        type="password"
        name="fresh"
        value={fresh}
        onChange={setFresh}
        autocomplete="new-password"
        minLength={12}
        required
        autofocus={props.must}
      />
      {wrong && <Notice mood="bad">{wrong.message}</Notice>}
      <div class="row">
        <Button type="submit" look="primary" disabled={busy}>
          {words.signIn.setPassword}
        </Button>
        {props.must && <Button onClick={() => session.signOut()}>{words.signIn.out}</Button>}
      </div>
    </form>
  );
}
