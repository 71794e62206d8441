import contentType from 'content-type';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { AppError, ValidationError } from '../../kit/errors.ts';
import { runMiddleware } from './runMiddleware.ts';

/** Valid bodies nest three levels deep; much deeper ones are attacks on parsers and loggers. */
const MAX_DEPTH = 8;

/** Throws on invalid UTF-8, and keeps a byte order mark, which JSON.parse then refuses. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export type JsonBodyReader = (request: Request, response: Response) => Promise<unknown>;

/**
 * Reads a JSON body strictly: the right content type (415), at most `limitBytes` after decompression (413), valid UTF-8,
 * bounded depth and one JSON document (400). Call it after authentication, so that anonymous bodies are never read.
 */
export function createJsonBodyReader(limitBytes: number): JsonBodyReader {
  const readBytes: RequestHandler = express.raw({ type: () => true, limit: limitBytes });

  return async (request, response) => {
    requireJsonContentType(request.headers['content-type']);
    await runMiddleware(readBytes, request, response).catch(explainUnreadable);
    const bytes: unknown = request.body;
    if (!Buffer.isBuffer(bytes) || bytes.length === 0)
      throw malformed('the body is empty; send a JSON document');
    return parseStrictJson(bytes);
  };
}

function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw malformed('the body is not valid UTF-8', cause);
  }
  if (isDeeperThan(MAX_DEPTH, text)) throw malformed(`the body nests deeper than ${MAX_DEPTH} levels`);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    // The parser's message quotes the body, which must not reach responses or logs.
    throw malformed('the body is not one JSON document', cause);
  }
}

/** A 400 of the body reader means that the body contradicts its headers; other statuses have good messages. */
function explainUnreadable(thrown: unknown): never {
  if (thrown instanceof Error && 'status' in thrown && thrown.status === 400) {
    throw malformed('it is incomplete, or its compression is invalid', thrown);
  }
  throw thrown;
}

function requireJsonContentType(header: string | undefined): void {
  const unsupported = (message: string) => new AppError(415, 'unsupported_media_type', message);
  if (header === undefined) throw unsupported('Content-Type is missing; send application/json');
  let parsed: contentType.ParsedMediaType;
  try {
    parsed = contentType.parse(header);
  } catch {
    throw unsupported('Content-Type cannot be read; send application/json');
  }
  if (parsed.type !== 'application/json') {
    throw unsupported(`Content-Type ${parsed.type} is not supported; send application/json`);
  }
  const charset = parsed.parameters['charset']?.toLowerCase() ?? 'utf-8';
  if (charset !== 'utf-8' && charset !== 'utf8') {
    throw unsupported(`charset ${charset} is not supported; send UTF-8`);
  }
}

function isDeeperThan(limit: number, text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === BACKSLASH) i += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) depth -= 1;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

function malformed(fault: string, cause?: unknown): ValidationError {
  return new ValidationError(`Malformed body: ${fault}`, { code: 'malformed_body', cause });
}
