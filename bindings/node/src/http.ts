// What an HTTP server answers by an error of claim() or complete(): the library's own table.
import { httpAnswer } from './claim';
import { call, type RemitError } from './errors';
import { STATUSES } from './abi';
import { native } from './native';
import type { HttpAnswer } from './reply';

/** 400 for what is invalid, 422 for a key of another request, 503 with Retry-After for what may be tried again, else 500. */
export function errorAnswer(error: RemitError): HttpAnswer {
    const calls = native();
    return httpAnswer(calls, call(() => calls.remit_error_http(error.status, error.field, error.text)));
}

/** For a request that came without a key: 400. */
export function missingKeyAnswer(): HttpAnswer {
    const calls = native();
    return httpAnswer(calls, call(() => calls.remit_error_http(STATUSES.E_INVALID.number, 'key', 'is missing')));
}
