/* Les données que Python met dans la page (page.py). */

export interface Question {
  key: string;
  asked: string;
  low?: number;
  high?: number;
  step?: number;
  unit?: string;
  digits?: number;
  options?: string[];
}

export interface Answered extends Question {
  truth: number | string;
  belief: string;
}
