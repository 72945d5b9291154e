// Whoever looks at a clip says why; it stands in the audit log. It is asked once and holds until somebody changes it or
// closes the window.
import { useState } from 'preact/hooks';
import { useWords } from '../ui/language';
import { Button, Field } from '../ui/parts';

const kept = 'footfall.reason';
const shortest = 3;

export function useReason(): [string | undefined, (reason: string | undefined) => void] {
  const [reason, setReason] = useState(() => sessionStorage.getItem(kept) ?? undefined);
  const set = (given: string | undefined) => {
    if (given) sessionStorage.setItem(kept, given);
    else sessionStorage.removeItem(kept);
    setReason(given);
  };
  return [reason, set];
}

// ReasonBar asks for the reason, or shows it.
export function ReasonBar(props: { reason: string | undefined; onChange: (reason: string | undefined) => void }) {
  const words = useWords();
  const [text, setText] = useState('');
  if (props.reason) {
    return (
      <p class="reason quiet">
        <span>
          {words.audit.because} <strong>{props.reason}</strong>
        </span>
        <Button look="plain" onClick={() => props.onChange(undefined)}>
          {words.audit.otherReason}
        </Button>
      </p>
    );
  }
  return (
    <form
      class="card reason-form"
      onSubmit={event => {
        event.preventDefault();
        props.onChange(text.trim());
      }}
    >
      <Field
        label={words.audit.why}
        hint={words.audit.whyHint}
        value={text}
        onChange={setText}
        placeholder={words.audit.whyExample}
        minLength={shortest}
        maxLength={1000}
        required
      />
      <Button type="submit" look="primary" disabled={text.trim().length < shortest}>
        {words.audit.look}
      </Button>
    </form>
  );
}
