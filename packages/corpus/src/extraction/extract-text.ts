import { type ExtractedText, ExtractionError, type ExtractionLimits, type UploadedFile } from './extraction.js';
import { DOCX, HTML, markupText, ODT, tidyLines, XHTML } from './markup-text.js';
import { pdfText } from './pdf-text.js';
import { ZipArchive } from './zip-archive.js';

/**
 * Gets the text of a file; the format is known by its content, and the name decides only between text and HTML.
 *
 * @throws {ExtractionError} if the format is none of those that are read, the file is damaged or protected, or too large
 */
export async function extractText(file: UploadedFile, limits: ExtractionLimits): Promise<ExtractedText> {
  const { text, format, warnings } = await textOf(file, limits);
  if (text.length <= limits.maxCharacters) return { text, format, warnings };
  const warning = `Of ${text.length} characters the first ${limits.maxCharacters} were read`;
  return { text: text.slice(0, limits.maxCharacters), format, warnings: [...warnings, warning] };
}

async function textOf(file: UploadedFile, limits: ExtractionLimits): Promise<ExtractedText> {
  const { bytes, name } = file;
  const head = Buffer.from(bytes.subarray(0, 1024)).toString('latin1');
  if (head.includes('%PDF-')) return { format: 'pdf', ...(await pdfText(bytes, limits)) };
  if (head.startsWith('PK\x03\x04')) return packedText(await ZipArchive.open(bytes, limits));
  if (head.startsWith('\xd0\xcf\x11\xe0')) {
    throw new ExtractionError('protected', 'The file is of an old Office format, or protected by a password');
  }
  if (bytes.subarray(0, 4096).includes(0) && !hasUtf16Mark(bytes)) throw unsupported();
  const text = decode(bytes);
  const isMarkup =
    /\.x?html?$/i.test(name) || /^\s*(<!doctype html|<html|<\?xml[^>]*>\s*<(!doctype html|html))/i.test(text);
  if (isMarkup) return { format: 'html', text: markupText(text, HTML), warnings: [] };
  if (/^(\{\\rtf|\s*<\?xml)/.test(text)) throw unsupported();
  return { format: 'text', text: tidyLines(text.replace(/\r\n?/g, '\n')), warnings: [] };
}

async function packedText(zip: ZipArchive): Promise<ExtractedText> {
  if (zip.has('word/document.xml')) {
    const parts = ['word/document.xml', 'word/footnotes.xml', 'word/endnotes.xml'].filter((part) => zip.has(part));
    return { format: 'docx', text: await joined(zip, parts, DOCX), warnings: [] };
  }
  const type = zip.has('mimetype') ? (await zip.text('mimetype')).trim() : '';
  if (type.startsWith('application/vnd.oasis.opendocument.text')) {
    return { format: 'odt', text: await joined(zip, ['content.xml'], ODT), warnings: [] };
  }
  if (type === 'application/epub+zip') return { format: 'epub', ...(await epubText(zip)) };
  throw unsupported();
}

/** An EPUB names its package, and the package the chapters in their order. */
async function epubText(zip: ZipArchive): Promise<{ text: string; warnings: string[] }> {
  const packagePath = /full-path\s*=\s*["']([^"']{1,1000})["']/.exec(await zip.text('META-INF/container.xml'))?.[1];
  if (packagePath === undefined) throw new ExtractionError('damaged', 'The file is damaged: it names no package');
  const source = await zip.text(packagePath);
  const hrefs = new Map<string, string>();
  for (const [tag] of source.matchAll(/<(?:\w+:)?item\b[^>]{1,2000}>/g)) {
    const id = attribute(tag, 'id');
    const href = attribute(tag, 'href');
    if (id !== undefined && href !== undefined) hrefs.set(id, href);
  }
  const chapters: string[] = [];
  let nMissing = 0;
  for (const [tag] of source.matchAll(/<(?:\w+:)?itemref\b[^>]{1,2000}>/g)) {
    const href = hrefs.get(attribute(tag, 'idref') ?? '');
    const path = href === undefined ? undefined : inArchive(packagePath, href);
    if (path !== undefined && zip.has(path)) chapters.push(markupText(await zip.text(path), XHTML));
    else nMissing++;
  }
  const warnings = nMissing > 0 ? [`${nMissing} chapters are named and not in the file`] : [];
  return { text: chapters.join('\n\n'), warnings };
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`).exec(tag)?.[1];
}

/** A reference of an EPUB, from the folder of its package, as the name of a part. */
function inArchive(packagePath: string, href: string): string | undefined {
  const base = `http://epub/${packagePath}`;
  if (!URL.canParse(href, base)) return undefined;
  const { host, pathname } = new URL(href, base);
  return host === 'epub' ? decodeURIComponent(pathname.slice(1)) : undefined;
}

async function joined(zip: ZipArchive, parts: readonly string[], rules: typeof DOCX): Promise<string> {
  const texts: string[] = [];
  for (const part of parts) texts.push(markupText(await zip.text(part), rules));
  return texts.filter(Boolean).join('\n\n');
}

function hasUtf16Mark(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

/** UTF-8 and UTF-16 by their marks, else UTF-8 where it is, else the encoding of western Windows. */
function decode(bytes: Uint8Array): string {
  if (hasUtf16Mark(bytes)) return new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes); // every byte is something there
  }
}

function unsupported(): ExtractionError {
  return new ExtractionError(
    'unsupported',
    'Text, HTML, PDF, DOCX, ODT and EPUB can be read; this file is none of them',
  );
}
