using Fn.ServiceDefaults.Contracts;
using Fn.ServiceDefaults.IO;

namespace Fn.Api.Runners;

/// <summary>A function's answer as it comes from a runner. Disposed before its end, it closes the connection, which tells the runner that the client left.</summary>
internal sealed class HttpAnswer(Action release) : RunnerAnswer
{
    private Action? _release = release;

    public override ValueTask DisposeAsync()
    {
        Body.Dispose();
        Interlocked.Exchange(ref _release, null)?.Invoke();
        return ValueTask.CompletedTask;
    }

    /// <summary>The body, with every failure turned into the one that readers of an answer know.</summary>
    internal sealed class BodyStream(Stream inner) : ReadOnlyStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                var read = inner.ReadAsync(buffer, cancellationToken);
                return read.IsCompletedSuccessfully ? read : AwaitAsync(read);
            }
            catch (CallBrokenException e)
            {
                throw Lost(e);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }

        private static async ValueTask<int> AwaitAsync(ValueTask<int> read)
        {
            try
            {
                return await read;
            }
            catch (Exception e) when (e is IOException or HttpRequestException or CallBrokenException)
            {
                throw Lost(e);
            }
        }

        // The runner breaks its connection too when the function broke off; which of the two it was, its log says.
        private static CallBrokenException Lost(Exception e) => new(new CallFailure(CallError.RunnerLost), e);
    }
}
