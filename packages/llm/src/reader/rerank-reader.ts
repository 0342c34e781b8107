import { EndpointError } from '../client/endpoint-error.js';
import type { RerankClient } from '../client/rerank-client.js';
import type { CandidateReader, CandidateReading, ReadingTask } from './candidate-reader.js';

/** Has a cross-encoder read: it compares the text with each candidate's line. */
export class RerankReader implements CandidateReader {
  readonly name: string;
  private readonly client: RerankClient;

  constructor(client: RerankClient) {
    this.name = client.name;
    this.client = client;
  }

  async read({ text, candidates, budget, signal }: ReadingTask): Promise<CandidateReading> {
    const messages = [
      { role: 'query', content: text },
      ...candidates.map((content) => ({ role: 'document', content })),
    ];
    try {
      const scores = await this.client.rerank(text, candidates, { budget, signal });
      return { values: shares(scores), questions: [{ messages, answer: JSON.stringify([...scores]) }] };
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      const values = new Float64Array(candidates.length).fill(Number.NaN);
      return { values, questions: [{ messages, failure: error.message }], failure: error };
    }
  }
}

/** Some services give probabilities, others log odds; one score outside [0, 1] tells. */
function shares(scores: Float64Array): Float64Array {
  const areShares = scores.every((score) => Number.isNaN(score) || (score >= 0 && score <= 1));
  return areShares ? scores : scores.map((score) => 1 / (1 + Math.exp(-score)));
}
