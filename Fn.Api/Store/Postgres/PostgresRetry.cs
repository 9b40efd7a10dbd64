using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Fn.Api.Store.Postgres;

/// <summary>
/// Tries again what certainly was not done: a transaction that the server rolled back to let another one go on, and a read whose connection broke, as all
/// kept connections do when the server restarts. A write whose connection broke may have been done, and done again it would look like somebody else's.
/// </summary>
internal sealed class PostgresRetry(ExecutionStrategyDependencies dependencies) : ExecutionStrategy(dependencies, maxRetryCount: 4, maxRetryDelay: TimeSpan.FromSeconds(1))
{
    protected override bool ShouldRetryOn(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } => true,
        NpgsqlException { IsTransient: true, InnerException: not TimeoutException } => !Dependencies.CurrentContext.Context.ChangeTracker.HasChanges(),
        _ => false,
    };
}
