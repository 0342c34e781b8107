import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

const ONE_FILE = 'Send one file, as a file and not as a text, in a field named file.';

/** Reads forms with a file into bodies that schemas check: fields as texts, the file as an `UploadedFile`. */
export async function addUploadForms(app: FastifyInstance, maxBytes: number): Promise<void> {
  await app.register(multipart, {
    limits: { fileSize: maxBytes, files: 1, fields: 10, fieldSize: 10_000, fieldNameSize: 100, headerPairs: 100 },
  });
  app.addHook('preValidation', async (request) => {
    if (!request.isMultipart()) return;
    try {
      request.body = await readForm(request);
      const { file } = request.body as { file?: unknown };
      if (typeof file === 'string') {
        const errors = [{ field: 'file', message: 'is a text, and no file' }];
        throw new Problem(400, 'file: is a text, and no file', { errors, hint: ONE_FILE });
      }
    } catch (cause) {
      if ((cause as { code?: string }).code === 'FST_FILES_LIMIT') {
        throw new Problem(413, 'The form has more than one file', { hint: ONE_FILE, cause });
      }
      if (cause instanceof Problem || (cause as { statusCode?: number }).statusCode !== undefined) throw cause;
      throw new Problem(400, `The form cannot be read: ${(cause as Error).message}`, { cause });
    }
  });
}

async function readForm(request: FastifyRequest): Promise<Record<string, unknown>> {
  const body: Record<string, unknown> = Object.create(null);
  for await (const part of request.parts()) {
    const value = part.type === 'file' ? { bytes: await part.toBuffer(), name: part.filename } : part.value;
    if (!(part.fieldname in body) && value !== '') body[part.fieldname] = value;
  }
  return body;
}
