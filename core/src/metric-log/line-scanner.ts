/**
 * How the column absolute_error is read. `exact`: it must be |y_true − y_pred| to the last bit, as metrics writes it, or the line is
 * malformed. `written`: as it stands, so that a log with rounded errors can be shown, and one whose lines another program ended with a
 * carriage return.
 */
export type ErrorColumn = "exact" | "written";

const QUOTE = '"';
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER_E = 0x65;

/** Finds the fields of a line. It is used again for each of millions of lines: no object is made for one. */
export class LineScanner {
  /** The id is `text[idFrom .. idTo)`, without the quotes around it. */
  idFrom = 0;
  idTo = 0;
  /** Whether quotes within the id are doubled. */
  isEscaped = false;
  yTrue = Number.NaN;
  yPred = Number.NaN;
  /** Zero or more; Infinity if y_true and y_pred are further apart than the largest double. */
  absoluteError = Number.NaN;
  readonly #errors: ErrorColumn;

  constructor(errors: ErrorColumn) {
    this.#errors = errors;
  }

  /** Scans the line `text[from .. end)`, without its line break. @returns false if it is malformed; then the fields mean nothing. */
  scan(text: string, from: number, end: number): boolean {
    const to = this.#errors === "written" && text[end - 1] === "\r" ? end - 1 : end;
    const comma = text[from] === QUOTE ? this.#quotedId(text, from, to) : this.#plainId(text, from);
    if (comma < 0 || this.idTo <= this.idFrom) return false;
    const second = text.indexOf(",", comma + 1);
    const third = text.indexOf(",", second + 1);
    // A comma that this line lacks is one of a later line.
    if (comma >= to || second < 0 || third < 0 || third >= to) return false;
    this.yTrue = numberIn(text, comma + 1, second);
    this.yPred = numberIn(text, second + 1, third);
    this.absoluteError = errorIn(text, third + 1, to);
    return this.#addsUp();
  }

  /** @returns the position of the comma behind the id; -1 if there is none. */
  #plainId(text: string, from: number): number {
    const comma = text.indexOf(",", from);
    this.idFrom = from;
    this.idTo = comma;
    this.isEscaped = false;
    // A look at the few characters of the id; a search would run on to the next quote of the log.
    for (let at = from; at < comma; at += 1) if (text.charCodeAt(at) === 0x22) return -1;
    return comma;
  }

  #quotedId(text: string, from: number, to: number): number {
    this.idFrom = from + 1;
    this.isEscaped = false;
    let closing = text.indexOf(QUOTE, from + 1);
    while (closing >= 0 && closing < to && text[closing + 1] === QUOTE) {
      this.isEscaped = true;
      closing = text.indexOf(QUOTE, closing + 2);
    }
    this.idTo = closing;
    return closing >= 0 && closing < to && text[closing + 1] === "," ? closing + 1 : -1;
  }

  #addsUp(): boolean {
    if (!Number.isFinite(this.yTrue) || !Number.isFinite(this.yPred)) return false;
    const error = Math.abs(this.yTrue - this.yPred);
    if (this.#errors === "exact" || error === Infinity) return this.absoluteError === error;
    return this.absoluteError >= 0 && this.absoluteError !== Infinity;
  }
}

/** The number in `text[from .. to)`; NaN for what JavaScript takes for a number and never writes: blanks, nothing, hexadecimal digits. */
function numberIn(text: string, from: number, to: number): number {
  const first = text.charCodeAt(from);
  if (!isDigit(text.charCodeAt(to - 1)) || (!isDigit(first) && first !== MINUS)) return Number.NaN;
  if (first === ZERO && isLetter(text.charCodeAt(from + 1))) return Number.NaN;
  return Number(text.slice(from, to));
}

function errorIn(text: string, from: number, to: number): number {
  const number = numberIn(text, from, to);
  return Number.isNaN(number) && text.slice(from, to) === "Infinity" ? Infinity : number;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** Whether a zero before this character begins no decimal number. */
function isLetter(code: number): boolean {
  return code > NINE && (code | 0x20) !== LETTER_E;
}
