using Xunit;

namespace Fn.Tests.Api.Store;

/// <summary>A gateway on a database of its own.</summary>
public sealed class PostgresGateway(PostgresServer server) : IAsyncLifetime
{
    internal TestGateway Gateway { get; private set; } = null!;

    internal string Connection { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        Connection = await server.CreateDatabaseAsync();
        Gateway = await TestGateway.StartedAsync($"--ConnectionStrings:fndb={Connection}");
    }

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
