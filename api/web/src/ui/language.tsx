// Languages: what is said, and how numbers and times are written.
import type { ComponentChildren } from 'preact';
import { createContext } from 'preact';
import { useContext, useEffect, useMemo, useState } from 'preact/hooks';
import { en, type Words } from '../words/en';

export type Language = 'en' | 'zh-CN';
export const languages: Record<Language, string> = { en: 'English', 'zh-CN': '简体中文' };

const load: Record<Language, () => Promise<Words>> = {
  en: async () => en,
  'zh-CN': async () => (await import('../words/zh-CN')).zhCN,
};

// Speech is a language with its words.
export interface Speech {
  language: Language;
  words: Words;
  // locale is for Intl: the browser's own where it speaks the language, so that somebody in Dublin gets Irish dates.
  locale: string;
  choose: (language: Language) => void;
}

const kept = 'footfall.language';

export function preferred(): Language {
  const stored = localStorage.getItem(kept);
  if (stored && stored in languages) return stored as Language;
  return navigator.languages.find(tag => /^(en|zh)\b/i.test(tag))?.startsWith('zh') ? 'zh-CN' : 'en';
}

const Context = createContext<Speech | null>(null);

export function useSpeech(): Speech {
  const speech = useContext(Context);
  if (!speech) throw new Error('outside of the language');
  return speech;
}

export const useWords = (): Words => useSpeech().words;

export function LanguageProvider({ children }: { children: ComponentChildren }) {
  const [language, setLanguage] = useState(preferred);
  const [words, setWords] = useState<{ of: Language; words: Words }>();
  useEffect(() => {
    let here = true;
    load[language]().then(loaded => here && setWords({ of: language, words: loaded }));
    return () => {
      here = false;
    };
  }, [language]);
  const speech = useMemo<Speech | null>(() => {
    if (!words) return null;
    document.documentElement.lang = words.of;
    const own = navigator.languages.find(tag => tag.split('-')[0] === words.of.split('-')[0]);
    return {
      language: words.of,
      words: words.words,
      locale: words.of === 'en' ? (own ?? 'en-GB') : words.of,
      choose: chosen => {
        localStorage.setItem(kept, chosen);
        setLanguage(chosen);
      },
    };
  }, [words]);
  return speech && <Context.Provider value={speech}>{children}</Context.Provider>;
}
