/**
 * A table for people and for programs that cut columns: two spaces between columns, each as wide as its widest cell, a
 * dashed rule as long as the header.
 *
 * @see Annif 1.4.3, annif/cli.py: the rule and the trailing blanks of rows are as there
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) => cells.map((cell, i) => cell.padEnd(widths[i] as number)).join('  ');
  const head = line(header);
  return [head, '-'.repeat(head.length), ...rows.map(line)].map((text) => `${text}\n`).join('');
}
