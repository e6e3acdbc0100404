//! The threads on which documents are admitted: few, with a stack of known size, behind a short queue.
//!
//! The parser recurses, so its stack must not depend on how the server was started. And parsing is the one thing a
//! stranger can make us do at will, so it gets a bounded share of the machine: when the queue is full, the door says
//! so at once and everything else goes on.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use tokio::sync::oneshot;

/// Eight times what the deepest document the scan lets pass needs in an unoptimised build.
const STACK_BYTES: usize = 2 * 1024 * 1024;
const THREADS: usize = 2;
const QUEUE: usize = 256;

type Job = Box<dyn FnOnce() + Send>;

/// The threads. They end when the last handle is dropped.
#[derive(Clone)]
pub(crate) struct Pool {
    jobs: SyncSender<Job>,
}

/// Why a job has no result.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PoolError {
    /// The queue is full.
    Full,
    /// The job panicked.
    Panicked,
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn start() -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..THREADS {
            let queue = Arc::clone(&queue);
            thread::Builder::new()
                .name(format!("admission-{number}"))
                .stack_size(STACK_BYTES)
                .spawn(move || work(&queue))?;
        }
        Ok(Self { jobs })
    }

    /// Runs `job` on one of the threads.
    ///
    /// # Errors
    /// The queue is full, or the job panicked.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move || {
            // A dropped answer tells the panic; the hook has already printed it.
            if let Ok(result) = catch_unwind(AssertUnwindSafe(job)) {
                // Nobody waits any more when the client has gone.
                drop(answer.send(result));
            }
        });
        self.jobs.try_send(job).map_err(|_| PoolError::Full)?;
        answered.await.map_err(|_| PoolError::Panicked)
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_told_and_the_threads_go_on() {
        let pool = Pool::start().unwrap();
        for _ in 0..2 * THREADS {
            assert_eq!(pool.run(|| panic!("asked for by the test")).await, Err::<(), _>(PoolError::Panicked));
        }
        assert_eq!(pool.run(|| 1 + 1).await, Ok(2));
    }
}
