namespace Fn.Api.Warmth;

internal sealed partial class HotKeeper
{
    private static partial class Log
    {
        [LoggerMessage(1240, LogLevel.Information, "The new revision of function {FunctionId} is being warmed; calls go to the one before meanwhile")]
        public static partial void Warming(ILogger logger, string functionId);

        [LoggerMessage(1241, LogLevel.Information, "Calls of function {FunctionId} go to its new revision: {Ready} containers are ready after {Milliseconds} ms")]
        public static partial void Warm(ILogger logger, string functionId, int ready, long milliseconds);

        [LoggerMessage(1242, LogLevel.Warning, "Calls of function {FunctionId} go to its new revision although only {Ready} of {Wished} containers are ready ({Verdict} after {Milliseconds} ms)")]
        public static partial void NotWarm(ILogger logger, string functionId, int ready, int wished, WarmUpdateVerdict verdict, long milliseconds);

        [LoggerMessage(1243, LogLevel.Warning, "Runner {Runner} does not keep containers of function {FunctionId}: {Failure}")]
        public static partial void NotKept(ILogger logger, string runner, string functionId, string failure);

        [LoggerMessage(1244, LogLevel.Warning, "Runner {Runner} could not be asked to keep containers; others do for {Seconds} s")]
        public static partial void NotReached(ILogger logger, string runner, double seconds);

        [LoggerMessage(1245, LogLevel.Error, "Which containers are to be kept could not be found out; it is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
