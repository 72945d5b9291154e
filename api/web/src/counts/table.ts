// Tables: the same numbers as in a chart, to read and to take along.
export interface Table {
  columns: { title: string; key: string; figure?: boolean }[];
  rows: (string | number | null)[][]; // as they are written
  raw: (string | number | null)[][]; // as programs want them
}

const quoted = (value: string | number | null): string => {
  if (value === null) return '';
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

// csv is a table as RFC 4180 has it, with the names of the API in its first line; no data is an empty field.
export function csv(table: Table): string {
  const lines = [table.columns.map(c => c.key), ...table.raw];
  return `${lines.map(line => line.map(quoted).join(',')).join('\r\n')}\r\n`;
}

// save gives a text to the browser as a file.
export function save(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
