import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { version } from '../../package.json';
import { productServices } from './productServices';
import { serve } from './server';

// The transport (node-ipc, --stdio, --socket=n, --pipe=name) is read from the command line.
const connection = createConnection(ProposedFeatures.all);
serve(
  connection,
  productServices((message) => connection.console.warn(message)),
  { name: 'LayerLint', version },
);
