/**
 * Published: tokens/s of one user of services, as announced or measured by others.
 *
 * Part of a larger set; other rows are kept to judge the model. Source: announcements and
 * Artificial Analysis, some second hand.
 */
import { publishedTable } from './published-table.ts';
import type { PublishedTable } from './published-table.ts';

export const VENDOR_SPEEDS: PublishedTable = publishedTable(
  'vendor-speeds',
  [
    'date',
    'model',
    'vendor',
    'system',
    'systems',
    'weight_bits',
    'speculative_decoding',
    'qualifier',
    'tokens_per_second_per_user',
  ],
  `
2024-08-27,Llama 3.1 8B,Cerebras,CS-3,1,16,no,,1800
2024-08-27,Llama 3.1 8B,Cerebras,CS-3,1,16,no,,1837
2024-08-27,Llama 3.1 70B,Cerebras,CS-3,4,16,no,,450
2024-08-27,Llama 3.1 70B,Cerebras,CS-3,4,16,no,,446
2024-08-27,Llama 3.1 70B,Cerebras,CS-3,4,16,no,,445
2024-10-24,Llama 3.1 70B,Cerebras,CS-3,,16,yes,,2100
2024-10-24,Llama 3.1 70B,Cerebras,CS-3,,16,yes,,2148
2025,Llama 3.3 70B,Cerebras,CS-3,,,yes,,2314
2025,Llama 3.3 70B,AWS Bedrock,GPU,,,not stated,about,32
2025-01-30,DeepSeek-R1-Distill-Llama-70B,Cerebras,CS-3,,,not stated,more than,1500
2025-01-30,DeepSeek-R1-Distill-Llama-70B,Cerebras,CS-3,,,not stated,,1508
2025-02,Mistral Large 2 123B,Cerebras,CS-3,,,yes,more than,1100
2025-04,Llama 4 Scout 109B-A17B,Cerebras,CS-3,,,not stated,,2600
2026-02,GPT-5.3-Codex-Spark,Cerebras,WSE-3,,,not stated,more than,1000
2026-05-06,Kimi K2.6 1T-A32B,Cerebras,CS-3,,,not stated,,981
2026-06,GPT-5.6 Sol,Cerebras,CS-3,,,not stated,,750
2026-06,Gemma-4-31B,Cerebras,CS-3,,,not stated,about,1850
2024-09,Llama 3.1 8B,best H100 cloud,GPU,,,not stated,,242
2024-09,Llama 3.1 8B,Fireworks,GPU,,,not stated,,288
2024-09,Llama 3.1 8B,OctoAI,GPU,,,not stated,,164
2024-09,Llama 3.1 8B,Groq,LPU,,8,no,,751
2024-09,Llama 3.1 8B,SambaNova,SN40L,16,16,no,,1042
2024-09,Llama 3.1 70B,best H100 cloud,GPU,,,not stated,,128
2024-09,Llama 3.1 70B,Fireworks,GPU,,,not stated,,71
2024-09,Llama 3.1 70B,OctoAI,GPU,,,not stated,,49
2024-09,Llama 3.1 70B,Groq,LPU,,8,no,,250
2024-09,Llama 3.1 70B,SambaNova,SN40L,16,16,no,,457
,Llama 3.1 70B,Groq,LPU,,,yes,,1665
,Llama 2 70B,Groq,LPU v1,576,,no,,300
,Llama 2 7B,Groq,LPU v1,,,no,,750
,Mixtral 8x7B,Groq,LPU v1,,,no,,480
,Mixtral 8x7B,Groq,LPU v1,,,not stated,,812
2026,Llama 3.1 8B,Groq,LPU,,,not stated,,560
2026,Llama 3.3 70B,Groq,LPU,,,not stated,,280
2026,gpt-oss-20B,Groq,LPU,,,not stated,,1000
2025,DeepSeek-R1 671B,SambaNova,SN40L,16,,not stated,,198
2026-05,Kimi K2.6 1T-A32B,next GPU cloud,GPU,,,not stated,,146
2026-05,Kimi K2.6 1T-A32B,median of providers,GPU,,,not stated,,43
`,
);
