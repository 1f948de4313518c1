/** Every failure of a call, with a sentence a person can act on. */

import type { Bilingual, ProblemDoc } from './resources'

/** `unreachable`: no answer at all; `refused`: the server says why in `sentence`, and what kind it is in `code`. */
export class Failure extends Error {
  constructor(
    readonly kind: 'unreachable' | 'refused',
    readonly sentence: Bilingual = { zh: '', en: '' },
    readonly status = 0,
    readonly code = '',
    /** Of a conflict: the scheme that is in the way. */
    readonly rival: string | null = null,
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
    const problem = JSON.parse(body) as ProblemDoc
    const rival = problem.rival && problem.rival !== '-' ? problem.rival : null
    return new Failure('refused', problemSentence(problem), status, (problem.type ?? '').split(':').pop(), rival)
  } catch {
    return new Failure('refused', undefined, status)
  }
}
