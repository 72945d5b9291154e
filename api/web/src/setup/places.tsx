import { type Area, get, type Site } from '../api/client';
import { useAnswer } from '../ui/answer';
import { useFormat } from '../ui/format';
import { useWords } from '../ui/language';
import { Answer, Empty } from '../ui/parts';
import { Link } from '../ui/router';

// Places is the list of sites with their areas.
export function Places() {
  const words = useWords();
  const asked = useAnswer('places', async signal => {
    const [sites, areas] = await Promise.all([get('/sites', { signal }), get('/areas', { signal })]);
    return { sites: sites.items, areas: areas.items };
  });
  return (
    <>
      <header class="page-head">
        <h1>{words.setup.parts.places}</h1>
        <Link class="button primary" href="/setup/places/site">
          {words.setup.addSite}
        </Link>
      </header>
      <Answer of={asked}>
        {({ sites, areas }) =>
          sites.length ? (
            <div class="places">
              {sites.map(site => (
                <OneSite key={site.id} site={site} areas={areas.filter(a => a.site === site.id)} />
              ))}
            </div>
          ) : (
            <Empty title={words.setup.noSites}>
              <p>{words.setup.noSitesHint}</p>
            </Empty>
          )
        }
      </Answer>
    </>
  );
}

function OneSite({ site, areas }: { site: Site; areas: Area[] }) {
  const words = useWords();
  const format = useFormat();
  const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
  const hours = (h: NonNullable<Site['hours']>[number]) =>
    `${h.days.map(d => format.weekday(days.indexOf(d.slice(0, 3)))).join(' ')} ${h.open.join(' ') || words.setup.closed}`;
  return (
    <section class="card place" aria-label={site.name}>
      <header class="row spread">
        <div>
          <h2>
            <Link href={`/setup/places/site/${site.id}`}>{site.name}</Link>
          </h2>
          <p class="quiet small">
            {site.zone} · {site.hours?.length ? site.hours.map(hours).join(' · ') : words.setup.alwaysOpen}
          </p>
        </div>
        <Link class="button" href={`/setup/places/area?site=${site.id}`}>
          {words.setup.addArea}
        </Link>
      </header>
      {areas.length === 0 && <p class="quiet">{words.setup.noAreas}</p>}
      <ul class="area-list">
        {areas.map(area => (
          <li key={area.id} class="row spread">
            <Link href={`/setup/places/area/${area.id}`}>{area.name}</Link>
            <span class="quiet small">
              {words.setup.doorsCount(area.doors?.length ?? 0)}
              {area.capacity ? ` · ${words.counts.capacity(area.capacity)}` : ''}
              {area.within
                ? ` · ${words.setup.withinArea(areas.find(a => a.id === area.within)?.name ?? area.within)}`
                : ''}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
