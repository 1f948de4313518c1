/** Files a person chose or dropped, folders walked: a geodatabase keeps its folder, everything else comes flat. */

import type { BroughtFile } from '../../contract/intake'

export function chosen(list: FileList | null): BroughtFile[] {
  return [...(list ?? [])].filter(wanted).map((file) => ({ name: placed(file.webkitRelativePath || file.name), content: file }))
}

export async function dropped(transfer: DataTransfer | null): Promise<BroughtFile[]> {
  const entries = [...(transfer?.items ?? [])].map((item) => item.webkitGetAsEntry())
  if (entries.some((entry) => entry === null)) return chosen(transfer?.files ?? null)
  const found = await Promise.all(entries.map((entry) => walked(entry!)))
  return found.flat()
}

async function walked(entry: FileSystemEntry): Promise<BroughtFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    return wanted(file) ? [{ name: placed(entry.fullPath), content: file }] : []
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const found: BroughtFile[] = []
  for (;;) {
    // A folder is told in portions; an empty one is the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (!some.length) return found
    for (const one of some) found.push(...(await walked(one)))
  }
}

const wanted = (file: File): boolean => !file.name.startsWith('.') && file.name !== 'Thumbs.db' && !file.name.startsWith('~$')

function placed(path: string): string {
  const parts = path.split('/').filter(Boolean)
  const base = parts.findIndex((part) => part.toLowerCase().endsWith('.gdb'))
  return base >= 0 && base < parts.length - 1 ? parts.slice(base).join('/') : (parts.at(-1) ?? path)
}
