//! The writing half of a socket, on a task of its own.
//!
//! Writing waits for the client. On the task of the session it would keep the token's end and the other operations
//! waiting too, so it stands apart, behind a queue of fixed length, and gives up when one message takes too long.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures::{SinkExt, stream::SplitSink};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

use super::close::Close;

/// The session's end of the queue.
pub(crate) struct Outlet {
    pub(crate) queue: mpsc::Sender<Message>,
    /// Ends early when the client cannot be written to.
    pub(crate) writer: JoinHandle<Close>,
    patience: Duration,
}

impl Outlet {
    /// Starts writing to `sink`.
    pub(crate) fn start(sink: SplitSink<WebSocket, Message>, length: usize, patience: Duration) -> Self {
        let (queue, messages) = mpsc::channel(length.max(1));
        let writer = tokio::spawn(write(sink, messages, patience));
        Self { queue, writer, patience }
    }

    /// Sends the last frame, if there is one, and ends the writer.
    pub(crate) async fn end(mut self, close: Close) {
        if let Some(frame) = close.frame() {
            // A client that does not read will not read this either.
            let sent = timeout(self.patience, self.queue.send(Message::Close(Some(frame)))).await;
            if !matches!(sent, Ok(Ok(()))) {
                self.writer.abort();
            }
        }
        drop(self.queue);
        if timeout(self.patience, &mut self.writer).await.is_err() {
            self.writer.abort();
        }
    }
}

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut messages: mpsc::Receiver<Message>,
    patience: Duration,
) -> Close {
    while let Some(message) = messages.recv().await {
        match timeout(patience, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Close::Gone,
            Err(_) => return Close::TryLater,
        }
    }
    Close::Gone
}
