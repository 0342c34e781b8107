import { resolve } from 'node:path';
import type { Scope } from '@catchword/server';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addCommonOptions, type CommonOptions } from '../options.js';
import type { Session } from '../session.js';
import { formatTable } from '../table.js';

/** Those of the server, which is loaded only when a command runs. */
const SCOPES = ['suggest', 'learn', 'admin'] as const satisfies readonly Scope[];

/** The commands for keys of the REST API. */
export function addApiKeys(program: Command, session: Session): void {
  addCommonOptions(
    program
      .command('create-key')
      .description('make a key for the REST API; it is shown once, and stored only as a checksum')
      .argument('<name>', 'whose key it is')
      .addOption(
        new Option(
          '--scope <scope>',
          'suggest, learn or admin, which includes the others (repeatable; default: suggest)',
        ).argParser(scopes),
      ),
  ).action(async (name: string, options: CommonOptions & { readonly scope?: readonly Scope[] }) => {
    const store = await keyStore(options, session);
    const { key, record } = await store.create(name, options.scope ?? ['suggest']);
    const { sha256: _, ...shown } = record;
    if (options.json) return session.results.json({ ...shown, key });
    await session.results.line(key);
    session.messages.info(`Key ${record.id} for ${name} (${record.scopes.join(', ')}). It is not shown again.`);
    session.messages.info(`A server with the data folder of ${resolve(store.path)} takes it.`);
  });

  addCommonOptions(program.command('list-keys').description('list the keys of the REST API')).action(
    async (options: CommonOptions) => {
      const keys = (await keyStore(options, session)).list().map(({ sha256: _, ...shown }) => shown);
      if (options.json) return session.results.json({ keys });
      const rows = keys.map(({ id, name, scopes, created }) => [id, name, scopes.join(','), created]);
      await session.results.write(formatTable(['Key ID', 'Name', 'Scopes', 'Created'], rows));
    },
  );

  addCommonOptions(
    program
      .command('revoke-key')
      .description('make a key of the REST API worthless, within a second also for a server that runs')
      .argument('<key-id>', 'as list-keys shows it'),
  ).action(async (id: string, options: CommonOptions) => {
    const { sha256: _, ...revoked } = await (await keyStore(options, session)).revoke(id);
    if (options.json) return session.results.json({ revoked });
    session.messages.info(`Revoked key ${revoked.id} of ${revoked.name}`);
  });
}

function scopes(text: string, before: readonly Scope[] = []): Scope[] {
  const scope = SCOPES.find((known) => known === text);
  if (!scope) throw new InvalidArgumentError(`It is one of ${SCOPES.join(', ')}.`);
  return [...before, scope];
}

async function keyStore({ dataDir }: CommonOptions, { env }: Session) {
  const { readEnvironment } = await import('@catchword/project');
  const { ApiKeyStore } = await import('@catchword/server');
  return new ApiKeyStore(dataDir ?? readEnvironment(env).dataDir ?? 'data');
}
