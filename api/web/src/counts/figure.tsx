import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { useWords } from '../ui/language';
import { Button } from '../ui/parts';
import { DataTable } from '../ui/table';
import { csv, save, type Table } from './table';

export interface Key {
  name: string;
  colour: string;
  look?: 'line' | 'hatch';
}

// Figure is a chart with its keys, and the table below it.
export function Figure(props: {
  title: string;
  note?: string | undefined;
  keys?: Key[];
  file: string;
  table: Table;
  wide?: boolean;
  children: ComponentChildren;
}) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <figure class="figure-card card" data-wide={props.wide} aria-labelledby={id}>
      <figcaption>
        <div>
          <h2 id={id}>{props.title}</h2>
          {props.note && <p class="quiet small">{props.note}</p>}
        </div>
        <div class="row no-print">
          <Button look="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
            {words.counts.table}
          </Button>
          <Button
            look="plain"
            icon="download"
            aria-label={words.counts.csvOf(props.title)}
            onClick={() => save(`${props.file}.csv`, csv(props.table))}
          >
            CSV
          </Button>
        </div>
      </figcaption>
      {props.keys && (
        <ul class="keys">
          {props.keys.map(key => (
            <li key={key.name}>
              <i class="key" data-colour={key.colour} data-look={key.look} />
              {key.name}
            </li>
          ))}
        </ul>
      )}
      {props.children}
      {open && (
        <DataTable
          class="table-box"
          label={props.title}
          columns={props.table.columns}
          rows={props.table.rows.map((row, i) => ({ key: i, cells: row.map(value => value ?? '–') }))}
        />
      )}
    </figure>
  );
}
