import type { ComponentChildren } from 'preact';

export interface Column {
  title: string;
  figure?: boolean | undefined;
  class?: string;
}

export interface Row {
  key: string | number;
  cells: ComponentChildren[]; // one a column; the first says what the row is of
}

// DataTable is rows below titles, and scrolls by itself where it is too wide. Stacked, each row is a card on a phone.
export function DataTable(props: { label: string; columns: Column[]; rows: Row[]; stack?: boolean; class?: string }) {
  const { label, columns, rows, stack } = props;
  const looks = (column?: Column) => `${column?.figure ? 'figure' : ''} ${column?.class ?? ''}`.trim() || undefined;
  return (
    <div class={`scroll ${props.class ?? ''}`} tabIndex={0} role="region" aria-label={label}>
      <table class={stack ? 'data stack' : 'data'}>
        <thead>
          <tr>
            {columns.map(column => (
              <th key={column.title} scope="col" class={looks(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [first, ...others] }) => (
            <tr key={key}>
              <th scope="row">{first}</th>
              {others.map((cell, i) => {
                const column = columns[i + 1];
                return (
                  <td key={column?.title} class={looks(column)} data-title={column?.title}>
                    {cell}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
