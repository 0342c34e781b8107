import { type BackendType, ConfigurationError, closest, type RawParams } from '@catchword/core';

/**
 * Reads a project's parameters for its backend.
 *
 * @throws {ConfigurationError} `configuration-invalid`, naming every parameter that cannot be used
 */
export function parseBackendParams<P>(type: BackendType<P>, raw: RawParams, projectId: string): P {
  const problems: string[] = [];
  const known: Record<string, string | number | boolean> = Object.create(null);
  for (const [key, value] of Object.entries(raw)) {
    if (Object.hasOwn(type.paramHelp, key)) {
      known[key] = value;
    } else {
      const meant = closest(key, Object.keys(type.paramHelp));
      problems.push(`${key}: backend "${type.name}" has no such parameter${meant ? `; did you mean ${meant}?` : ''}`);
    }
  }
  const params = type.parseParams(known, (key, message) => {
    problems.push(message.startsWith(key) ? message : `${key}: ${message}`);
  });
  if (problems.length === 0) return params;
  throw new ConfigurationError(
    'configuration-invalid',
    problems.length === 1
      ? `Misconfigured project "${projectId}": ${problems[0]}`
      : `Misconfigured project "${projectId}":\n  ${problems.join('\n  ')}`,
    {
      hint: `Parameters of ${type.name}: ${Object.keys(type.paramHelp).join(', ')}.`,
      context: { projectId, problems },
    },
  );
}
