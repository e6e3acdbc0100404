import React from 'react';
import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import './page.css';
import { fetcherStartingWith } from './fetcher.js';
import { storage } from './storage.js';
import { firstHeaders } from './token.js';

const headers = firstHeaders();

const defaultQuery = `# 政信接口查询台
#
# 1. 在下方“Headers”中的 Bearer 之后填入令牌
# 2. 点左下角的刷新按钮，重新读取接口定义
# 3. 点左上角的书本图标，查看文档
# 4. 按 Ctrl+Enter 执行，按 Ctrl+Space 补全
#
# 订阅（subscription）使用同一个令牌，经 WebSocket 送达。

query {
  __typename
}
`;

createRoot(document.getElementById('ide')).render(
  <GraphiQL
    fetcher={fetcherStartingWith(headers)}
    defaultQuery={defaultQuery}
    defaultHeaders={JSON.stringify(headers, null, 2)}
    defaultEditorToolsVisibility="headers"
    isHeadersEditorEnabled
    shouldPersistHeaders={false}
    storage={storage}
  />,
);
