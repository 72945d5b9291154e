// Who may sign in, and which programs may ask.
import { useState } from 'preact/hooks';
import { get, type Refusal, type Schemas, type Site, send } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Button, Check, Dialog, Empty, Field, Notice, Select } from '../ui/parts';
import { DataTable } from '../ui/table';

type User = Schemas['User'];
type Role = Schemas['Roles'][number];

const roles: Role[] = ['viewer', 'manager', 'auditor', 'admin'];

export function People() {
  const words = useWords();
  const [open, setOpen] = useState<User | 'new'>();
  const asked = useAnswer('users', async signal => {
    const [users, sites] = await Promise.all([get('/users', { signal }), get('/sites', { signal })]);
    return { users: users.items, sites: sites.items };
  });
  return (
    <>
      <header class="page-head">
        <h1>{words.setup.parts.people}</h1>
        <Button look="primary" onClick={() => setOpen('new')}>
          {words.people.add}
        </Button>
      </header>
      <Answer of={asked}>
        {({ users, sites }) => (
          <>
            <Users users={users} sites={sites} onOpen={setOpen} />
            {open && (
              <UserDialog
                user={open === 'new' ? undefined : open}
                sites={sites}
                onClose={() => {
                  setOpen(undefined);
                  asked.again();
                }}
              />
            )}
          </>
        )}
      </Answer>
      <Tokens />
    </>
  );
}

function Users({ users, sites, onOpen }: { users: User[]; sites: Site[]; onOpen: (user: User) => void }) {
  const words = useWords();
  const format = useFormat();
  const reach = (user: User) =>
    user.sites.length + user.cameras.length === 0
      ? words.people.everywhere
      : [...user.sites.map(id => sites.find(s => s.id === id)?.name ?? id), ...user.cameras].join(', ');
  return (
    <DataTable
      class="card cameras"
      stack
      label={words.setup.parts.people}
      columns={[
        { title: words.setup.name },
        { title: words.people.roles },
        { title: words.people.reach },
        { title: words.account.secondFactor },
        { title: words.people.lastSeen },
      ]}
      rows={users.map(user => ({
        key: user.name,
        cells: [
          <>
            <button type="button" class="button plain" onClick={() => onOpen(user)}>
              {user.full_name ? `${user.full_name} (${user.name})` : user.name}
            </button>
            {user.external && <span class="badge">{words.people.external}</span>}
            {user.disabled && <span class="badge">{words.people.disabled}</span>}
          </>,
          user.roles.map(role => words.roles[role]).join(', ') || '–',
          reach(user),
          user.second_factor ? words.people.yes : '–',
          user.signed_in ? format.moment(Date.parse(user.signed_in)) : words.people.never,
        ],
      }))}
    />
  );
}

function RoleChoice({ chosen, onChange }: { chosen: Role[]; onChange: (roles: Role[]) => void }) {
  const words = useWords();
  return (
    <fieldset class="roles">
      <legend class="label">{words.people.roles}</legend>
      {roles.map(role => (
        <Check
          key={role}
          label={`${words.roles[role]}: ${words.roleHints[role]}`}
          checked={chosen.includes(role)}
          onChange={on => onChange(roles.filter(r => (r === role ? on : chosen.includes(r))))}
        />
      ))}
    </fieldset>
  );
}

function SiteChoice(props: { sites: Site[]; chosen: string[]; onChange: (sites: string[]) => void }) {
  const words = useWords();
  if (!props.sites.length) return null;
  return (
    <fieldset class="roles">
      <legend class="label">{words.people.reach}</legend>
      <p class="quiet small">{words.people.reachHint}</p>
      {props.sites.map(site => (
        <Check
          key={site.id}
          label={site.name}
          checked={props.chosen.includes(site.id)}
          onChange={on => props.onChange(on ? [...props.chosen, site.id] : props.chosen.filter(id => id !== site.id))}
        />
      ))}
    </fieldset>
  );
}

// Once is what is shown once and never again.
function Once({ text, hint, onClose }: { text: string; hint: string; onClose: () => void }) {
  const words = useWords();
  return (
    <>
      <p>{hint}</p>
      <code class="secret">{text}</code>
      <div class="actions">
        <Button icon="link" onClick={() => navigator.clipboard.writeText(text)}>
          {words.people.copy}
        </Button>
        <Button look="primary" onClick={onClose}>
          {words.common.close}
        </Button>
      </div>
    </>
  );
}

function UserDialog({ user, sites, onClose }: { user: User | undefined; sites: Site[]; onClose: () => void }) {
  const words = useWords();
  const [name, setName] = useState('');
  const [form, setForm] = useState({
    full_name: user?.full_name ?? '',
    roles: user?.roles ?? (['viewer'] as Role[]),
    sites: user?.sites ?? [],
    disabled: user?.disabled ?? false,
  });
  const [once, setOnce] = useState('');
  const [refusal, setRefusal] = useState<Refusal>();
  const set = (changes: Partial<typeof form>) => setForm({ ...form, ...changes });
  const run = async (work: () => Promise<string | undefined>) => {
    setRefusal(undefined);
    try {
      const password = await work();
      if (password) setOnce(password);
      else onClose();
    } catch (error) {
      setRefusal(error as Refusal);
    }
  };
  const save = async () => {
    const { disabled, ...rest } = form;
    if (!user)
      return (await send<User>('POST', '/users', {}, { name: name.trim().toLowerCase(), ...rest })).one_time_password;
    await send('PATCH', '/users/{id}', { id: user.name }, { version: user.version, disabled, ...rest });
    return undefined;
  };
  const title = user ? user.full_name || user.name : words.people.add;
  if (once) {
    return (
      <Dialog title={title} onClose={onClose}>
        <Once text={once} hint={words.people.onceHint} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={event => {
          event.preventDefault();
          run(save);
        }}
      >
        {!user && (
          <Field
            label={words.signIn.name}
            hint={words.people.nameHint}
            value={name}
            onChange={setName}
            required
            autofocus
          />
        )}
        <Field
          label={words.people.fullName}
          value={form.full_name}
          onChange={full_name => set({ full_name })}
          maxLength={200}
        />
        {user?.external ? (
          <p class="quiet">{words.people.externalHint}</p>
        ) : (
          <>
            <RoleChoice chosen={form.roles} onChange={chosen => set({ roles: chosen })} />
            <SiteChoice sites={sites} chosen={form.sites} onChange={chosen => set({ sites: chosen })} />
          </>
        )}
        {user && (
          <Check label={words.people.disable} checked={form.disabled} onChange={disabled => set({ disabled })} />
        )}
        {refusal && <Notice mood="bad">{refusal.message}</Notice>}
        <div class="actions">
          {user && <UserMore user={user} run={run} />}
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button type="submit" look="primary">
            {words.common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function UserMore({ user, run }: { user: User; run: (work: () => Promise<string | undefined>) => void }) {
  const words = useWords();
  const id = { id: user.name };
  const [sure, setSure] = useState(false);
  const reset = async () => (await send<Schemas['OneTimePassword']>('POST', '/users/{id}/reset', id)).one_time_password;
  const remove = async () => {
    await send('DELETE', '/users/{id}', id);
    return undefined;
  };
  return (
    <>
      <Button look="danger" onClick={() => (sure ? run(remove) : setSure(true))}>
        {sure ? words.setup.reallyRemove : words.setup.removePlace}
      </Button>
      {!user.external && <Button onClick={() => run(reset)}>{words.people.reset}</Button>}
    </>
  );
}

function Tokens() {
  const words = useWords();
  const format = useFormat();
  const [adding, setAdding] = useState(false);
  const asked = useAnswer('tokens', async signal => (await get('/tokens', { signal })).items);
  const revoke = async (id: string) => {
    await send('DELETE', '/tokens/{id}', { id });
    asked.again();
  };
  return (
    <>
      <header class="page-head heading">
        <h2>{words.people.tokens}</h2>
        <Button onClick={() => setAdding(true)}>{words.people.addToken}</Button>
      </header>
      <Answer of={asked}>
        {list =>
          list.length === 0 ? (
            <Empty title={words.people.noTokens} />
          ) : (
            <ul class="card token-list area-list">
              {list.map(token => (
                <li key={token.id} class="row spread">
                  <span>
                    {token.name} <code class="quiet">{token.prefix}…</code>
                    <br />
                    <span class="quiet small">
                      {token.kind === 'worker'
                        ? words.people.forWorker
                        : token.roles.map(r => words.roles[r]).join(', ')}{' '}
                      · {token.used ? words.people.usedAt(format.moment(Date.parse(token.used))) : words.people.unused}
                      {token.expires ? ` · ${words.people.until(format.dayLong(Date.parse(token.expires)))}` : ''}
                    </span>
                  </span>
                  <Button look="danger" onClick={() => revoke(token.id)}>
                    {words.people.revoke}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      {adding && (
        <TokenDialog
          onClose={() => {
            setAdding(false);
            asked.again();
          }}
        />
      )}
    </>
  );
}

function TokenDialog({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const [name, setName] = useState('');
  const [kind, setKind] = useState('token');
  const [chosen, setChosen] = useState<Role[]>(['manager']);
  const [days, setDays] = useState('365');
  const [made, setMade] = useState<Schemas['Token']>();
  const [refusal, setRefusal] = useState<Refusal>();
  const make = async (event: Event) => {
    event.preventDefault();
    const expires = days === '0' ? {} : { expires: new Date(Date.now() + Number(days) * 86_400_000).toISOString() };
    const body = { name, kind, ...(kind === 'token' ? { roles: chosen } : {}), ...expires };
    try {
      setMade(await send<Schemas['Token']>('POST', '/tokens', {}, body));
    } catch (error) {
      setRefusal(error as Refusal);
    }
  };
  return (
    <Dialog title={words.people.addToken} onClose={onClose}>
      {made ? (
        <Once
          text={made.link ?? made.secret ?? ''}
          hint={made.link ? words.people.linkHint : words.people.secretHint}
          onClose={onClose}
        />
      ) : (
        <form onSubmit={make}>
          <Field
            label={words.people.tokenName}
            hint={words.people.tokenNameHint}
            value={name}
            onChange={setName}
            required
            autofocus
          />
          <Select
            label={words.people.kind}
            value={kind}
            options={[
              ['token', words.people.forProgram],
              ['worker', words.people.forWorker],
            ]}
            onChange={setKind}
          />
          {kind === 'token' && <RoleChoice chosen={chosen} onChange={setChosen} />}
          <Select
            label={words.people.expires}
            value={days}
            options={['30', '90', '365', '0'].map(d => [
              d,
              d === '0' ? words.people.neverExpires : words.people.days(Number(d)),
            ])}
            onChange={setDays}
          />
          {refusal && <Notice mood="bad">{refusal.message}</Notice>}
          <div class="actions">
            <Button onClick={onClose}>{words.common.cancel}</Button>
            <Button type="submit" look="primary">
              {words.people.make}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
