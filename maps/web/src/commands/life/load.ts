import { emptyLife } from '../../state/life'
import { sentenceOf, type Context } from '../command'

/** Fetch how a scheme stands and which files it has; null for none. */
export async function loadLife(context: Context, id: string | null): Promise<void> {
  const { state, api } = context
  if (id === null) {
    state.life = emptyLife()
    return
  }
  if (state.life.id !== id) state.life = { ...emptyLife(), id }
  try {
    const [doc, files] = await Promise.all([api.life(id), api.downloads(id).catch(() => null)])
    if (state.life.id === id) Object.assign(state.life, { doc, files })
  } catch (error) {
    if (state.life.id === id) state.life.error = { text: sentenceOf(context, error), code: '', rival: null }
  }
}
