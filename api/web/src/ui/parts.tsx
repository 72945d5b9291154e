// The small parts that all rooms are built of.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Refusal } from '../api/client';
import type { Answered } from './answer';
import { Icon, type IconName } from './icons';
import { useWords } from './language';

type Attributes = JSX.HTMLAttributes<HTMLButtonElement> & { disabled?: boolean; type?: 'button' | 'submit' };

// resting is what a button does that is disabled while it has the focus: it keeps it, and does nothing. To disable it
// for the browser would take the place away from whoever works by keyboard.
function useResting({ disabled = false, onClick, onFocus, onBlur, ...rest }: Attributes): Attributes {
  const [held, hold] = useState(false);
  return {
    ...rest,
    disabled: disabled && !held,
    'aria-disabled': disabled && held ? true : undefined,
    onFocus: event => {
      hold(true);
      onFocus?.call(event.currentTarget, event);
    },
    onBlur: event => {
      hold(false);
      onBlur?.call(event.currentTarget, event);
    },
    onClick: event => {
      if (disabled) event.preventDefault();
      else onClick?.call(event.currentTarget, event);
    },
  };
}

export function Button(props: Attributes & { look?: 'primary' | 'danger' | 'plain'; icon?: IconName }) {
  const { look, icon, children, class: more, ...rest } = props;
  return (
    <button type="button" {...useResting(rest)} class={`button ${look ?? ''} ${more ?? ''}`}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

// IconButton has no words to see, so its label is told and shown when it is pointed at.
export function IconButton(props: Attributes & { icon: IconName; label: string; look?: 'plain' | 'danger' }) {
  const { icon, label, look, class: more, ...rest } = props;
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...useResting(rest)}
      class={`button icon ${look ?? 'plain'} ${more ?? ''}`}
    >
      <Icon name={icon} />
    </button>
  );
}

export function Segments<T extends string>(props: {
  label: string;
  options: [T, ComponentChildren][];
  value: T;
  onChange: (value: T) => void;
}) {
  return (
    <div class="segments" role="group" aria-label={props.label}>
      {props.options.map(([value, text]) => (
        <button
          key={value}
          type="button"
          class="button"
          aria-pressed={value === props.value}
          onClick={() => props.onChange(value)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

export function Select(props: {
  label: string;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
  hideLabel?: boolean;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class={props.hideLabel ? 'unseen' : ''}>
        {props.label}
      </label>
      <select
        id={id}
        class="select"
        disabled={props.disabled}
        value={props.value}
        onChange={event => props.onChange(event.currentTarget.value)}
      >
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

type FieldProps = Omit<JSX.InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> & {
  label: string;
  hint?: ComponentChildren;
  wrong?: string;
  value: string | number;
  onChange: (value: string) => void;
};

export function Field({ label, hint, wrong, onChange, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...rest}
        id={id}
        class="input"
        aria-invalid={wrong ? 'true' : undefined}
        aria-describedby={hint || wrong ? `${id}-hint` : undefined}
        onInput={event => onChange(event.currentTarget.value)}
      />
      {(hint || wrong) && (
        <span id={`${id}-hint`} class={wrong ? 'wrong' : 'hint'}>
          {wrong || hint}
        </span>
      )}
    </div>
  );
}

export function Check(props: {
  label: ComponentChildren;
  checked: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled}
        onChange={event => props.onChange(event.currentTarget.checked)}
      />
      {props.label}
    </label>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

export function Loading({ what }: { what?: string }) {
  const words = useWords();
  return (
    <div class="state" role="status">
      <span class="spinner" aria-hidden="true" />
      <span>{what ?? words.common.loading}</span>
    </div>
  );
}

export function Failure({ error, again }: { error: Error; again?: () => void }) {
  const words = useWords();
  const unreachable = error instanceof Refusal && error.status === 0;
  return (
    <div class="state" role="alert">
      <strong>{unreachable ? words.common.unreachable : words.common.failed}</strong>
      <p>{unreachable ? words.common.unreachableHint : error.message}</p>
      {again && <Button onClick={again}>{words.common.tryAgain}</Button>}
    </div>
  );
}

// Answer shows what was answered, or that it is asked for, or why not.
export function Answer<T>({ of, children }: { of: Answered<T>; children: (data: T) => ComponentChildren }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  return of.error ? <Failure error={of.error} again={of.again} /> : <Loading />;
}

export function Notice({ mood, children }: { mood?: 'good' | 'poor' | 'bad'; children: ComponentChildren }) {
  return (
    <div class="notice" data-mood={mood} role={mood === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.showModal();
    return () => before?.focus?.();
  }, []);
  return (
    <dialog ref={ref} class="dialog" aria-labelledby={id} onClose={props.onClose}>
      <div class="body">
        <h2 id={id}>{props.title}</h2>
        {props.children}
      </div>
    </dialog>
  );
}
