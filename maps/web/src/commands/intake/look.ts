import { markRaw } from 'vue'
import { boundsOf } from '../../text/geometry'
import type { Bounds } from '../../contract/wire'
import type { PreviewDoc } from '../../contract/intake'
import { sentenceOf, type Context } from '../command'

/** Look at what the mapping reads; asked again while a look is under way, it looks once more afterwards. */
export async function lookAgain(context: Context): Promise<void> {
  const { intake } = context.state
  const { draft } = intake
  if (draft === null || !draft.files.length || intake.suggestion?.kind !== 'tables') return
  context.waiting.look = true
  if (intake.previewing) return
  intake.previewing = true
  let first = intake.preview === null
  try {
    while (context.waiting.look && intake.draft?.id === draft.id) {
      context.waiting.look = false
      try {
        intake.preview = markRaw(await context.api.preview(draft.id))
        intake.previewError = null
        // at once: further looks may follow for as long as the mapping is corrected
        if (first) fitSketch(context, intake.preview)
        first = false
      } catch (error) {
        intake.previewError = sentenceOf(context, error)
      }
    }
  } finally {
    intake.previewing = false
  }
}

export function fitSketch({ map }: Context, preview: PreviewDoc): void {
  const bounds = extent(preview.features.features.flatMap(({ geometry }) => (geometry ? [geometry.coordinates] : [])))
  if (bounds && preview.crs !== null) map.fit(bounds)
}

const extent = (coordinates: unknown[]): Bounds | null => boundsOf({ coordinates })
