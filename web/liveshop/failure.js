// A refusal by the server, or a request that can no longer be answered.

export class LiveShopError extends Error {
  /**
   * @param {{code: string, message?: string, retryable?: boolean, retry_after_ms?: number}
   *   & Record<string, any>} error as it came: `price`, `available`, `limit`, … are further members
   */
  constructor(error) {
    super(error.message || error.code);
    this.name = 'LiveShopError';
    /** Stable; switch on it. */
    this.code = error.code;
    this.retryable = error.retryable === true;
    this.retryAfter = error.retry_after_ms ?? 0;
    /** @type {Record<string, any>} */
    this.details = error;
  }
}
