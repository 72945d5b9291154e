// One's own account: password, second factor, where one is signed in.
import '../sign-in/sign-in.css';
import '../setup/setup.css';
import { useEffect, useState } from 'preact/hooks';
import { get, type Refusal, type Schemas, send } from '../api/client';
import { NewPassword } from '../sign-in/new-password';
import { useSession } from '../sign-in/session';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Button, Field, Notice } from '../ui/parts';
import { deviceOf } from './device';

export default function AccountPage() {
  const words = useWords();
  const { person } = useSession();
  const [set, setSet] = useState(false);
  useEffect(() => {
    document.title = `${words.account.title} · Footfall`;
  }, [words]);
  return (
    <div class="setup">
      <header class="page-head">
        <div>
          <h1>{person?.full_name || person?.name}</h1>
          <p class="quiet">{person?.roles.map(role => words.roles[role]).join(', ')}</p>
        </div>
      </header>
      {person?.external ? (
        <Notice>{words.account.external}</Notice>
      ) : (
        <>
          <section class="card form">
            <h2>{words.signIn.password}</h2>
            {set && <Notice mood="good">{words.account.passwordSet}</Notice>}
            <NewPassword key={String(set)} old="" onDone={() => setSet(true)} />
          </section>
          <SecondFactor />
        </>
      )}
      <Sessions />
    </div>
  );
}

// SecondFactor is begun with the password and confirmed with the first code.
function SecondFactor() {
  const words = useWords();
  const session = useSession();
  const has = session.person?.second_factor ?? false;
  const [password, setPassword] = useState('');
  const [enrolment, setEnrolment] = useState<Schemas['Enrolment']>();
  const [code, setCode] = useState('');
  const [refusal, setRefusal] = useState<Refusal>();
  const act = async (event: Event) => {
    event.preventDefault();
    setRefusal(undefined);
    try {
      if (has) await send('POST', '/session/totp/remove', {}, { password });
      else if (enrolment) await send('PUT', '/session/totp', {}, { totp: code.replace(/\s/g, '') });
      else {
        setEnrolment(await send<Schemas['Enrolment']>('POST', '/session/totp', {}, { password }));
        return;
      }
      setEnrolment(undefined);
      setPassword('');
      setCode('');
      await session.again();
    } catch (error) {
      setRefusal(error as Refusal);
    }
  };
  return (
    <form class="card form" onSubmit={act}>
      <h2>{words.account.secondFactor}</h2>
      <p class="quiet">{has ? words.account.hasFactor : words.account.factorHint}</p>
      {enrolment ? (
        <>
          <p>
            {words.account.typeSecret} <code class="secret">{enrolment.secret}</code>
          </p>
          <Field
            label={words.signIn.code}
            value={code}
            onChange={setCode}
            inputMode="numeric"
            autocomplete="one-time-code"
            required
          />
        </>
      ) : (
        <Field
          label={words.signIn.password}
          type="password"
          value={password}
          onChange={setPassword}
          autocomplete="current-password"
          required
        />
      )}
      {refusal && <Notice mood="bad">{refusal.message}</Notice>}
      <div class="row">
        <Button type="submit" look={has ? 'danger' : 'primary'}>
          {has ? words.account.removeFactor : enrolment ? words.account.confirmFactor : words.account.beginFactor}
        </Button>
      </div>
    </form>
  );
}

function Sessions() {
  const words = useWords();
  const format = useFormat();
  const asked = useAnswer('sessions', async signal => (await get('/sessions', { signal })).items);
  const end = async (id: string) => {
    await send('DELETE', '/sessions/{id}', { id });
    asked.again();
  };
  return (
    <section class="card form" aria-label={words.account.sessions}>
      <h2>{words.account.sessions}</h2>
      <Answer of={asked}>
        {list => (
          <ul class="area-list">
            {list.map(s => (
              <li key={s.id} class="row spread">
                <span>
                  {s.address}{' '}
                  {s.current && (
                    <span class="badge" data-mood="good">
                      {words.account.thisOne}
                    </span>
                  )}
                  <br />
                  <span class="quiet small" title={s.agent}>
                    {[format.moment(Date.parse(s.seen)), deviceOf(s.agent)].filter(Boolean).join(' · ')}
                  </span>
                </span>
                {!s.current && <Button onClick={() => end(s.id)}>{words.account.endSession}</Button>}
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </section>
  );
}
