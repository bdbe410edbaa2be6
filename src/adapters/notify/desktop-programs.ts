import type { MessageWords } from '../../domain/notices/delivery/message-words.ts'

export type Desktop = 'macos' | 'linux' | 'windows'

/** What shows the words, as a list of arguments. */
export function desktopArgv(desktop: Desktop, words: MessageWords): readonly string[] {
  const body = [words.text, words.next].filter((part) => part !== '').join('\n')
  switch (desktop) {
    case 'macos':
      return osascript(words.title, body)
    case 'linux':
      return notifySend(words, body)
    case 'windows':
      return powershell(words.title, body)
  }
}

export function programOf(desktop: Desktop): { readonly name: string; readonly ifMissing: string } {
  const otherwise = ', or take desktop out of notify.channels'
  switch (desktop) {
    case 'macos':
      return { name: 'osascript', ifMissing: `put /usr/bin on the PATH${otherwise}` }
    case 'linux':
      return { name: 'notify-send', ifMissing: `install notify-send (libnotify-bin)${otherwise}` }
    case 'windows':
      return { name: 'powershell.exe', ifMissing: `put powershell.exe on the PATH${otherwise}` }
  }
}

/** `orch` is the first argument of the script, so that nothing behind it is read as an option. */
function osascript(title: string, body: string): readonly string[] {
  const lines = ['on run argv', 'display notification (item 3 of argv) with title (item 2 of argv)', 'end run']
  return ['osascript', ...lines.flatMap((line) => ['-e', line]), 'orch', title, body]
}

/** It reads backslashes as escapes, and the desktop the body as markup. */
function notifySend({ title, urgency }: MessageWords, body: string): readonly string[] {
  const escaped = body.replaceAll('\\', '\\\\').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return ['notify-send', '--app-name=orch', `--urgency=${urgency === 'high' ? 'critical' : urgency}`, '--', title, escaped]
}

/** Title and body are base64 within the script, so that nothing in them can end a string of it. */
function powershell(title: string, body: string): readonly string[] {
  const literal = (text: string): string =>
    `[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${Buffer.from(text, 'utf8').toString('base64')}'))`
  const app = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
  const script = [
    "$ErrorActionPreference = 'Stop'",
    '[Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime] | Out-Null',
    '$xml = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)',
    "$texts = $xml.GetElementsByTagName('text')",
    `$texts.Item(0).AppendChild($xml.CreateTextNode(${literal(title)})) | Out-Null`,
    `$texts.Item(1).AppendChild($xml.CreateTextNode(${literal(body)})) | Out-Null`,
    `[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier('${app}').Show([Windows.UI.Notifications.ToastNotification]::new($xml))`,
  ].join('\n')
  return ['powershell.exe', '-NoProfile', '-NonInteractive', '-EncodedCommand', Buffer.from(script, 'utf16le').toString('base64')]
}
