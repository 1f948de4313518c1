/** Every failure of a call, with a sentence a person can act on. */

import type { Bilingual, ProblemDoc } from './resources'

/** `unreachable`: no answer at all; `refused`: the server says why in `sentence`. */
export class Failure extends Error {
  constructor(
    readonly kind: 'unreachable' | 'refused',
    readonly sentence: Bilingual = { zh: '', en: '' },
    readonly status = 0,
  ) {
    super(sentence.zh)
  }
}

export function problemSentence(problem: ProblemDoc | null): Bilingual {
  return { zh: problem?.detail || problem?.title || '', en: problem?.detail_en || problem?.title_en || '' }
}

/** The failure an answer tells of; one that is no problem document has no sentence. */
export function failureFrom(status: number, body: string): Failure {
  try {
    return new Failure('refused', problemSentence(JSON.parse(body) as ProblemDoc), status)
  } catch {
    return new Failure('refused', undefined, status)
  }
}
