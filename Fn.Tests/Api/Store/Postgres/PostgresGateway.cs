using Xunit;

namespace Fn.Tests.Api.Store.Postgres;

/// <summary>A gateway on a database of its own in <see cref="PostgresServer"/>.</summary>
public sealed class PostgresGateway(PostgresServer server) : IAsyncLifetime
{
    private TestGateway? _gateway;
    private Exception? _missing;

    internal string Address { get; private set; } = "";

    /// <summary>The gateway; skips the test where there is no PostgreSQL.</summary>
    internal TestGateway Gateway
    {
        get
        {
            Assert.SkipWhen(_missing is not null, _missing?.Message ?? "");
            return _gateway!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        try
        {
            Address = await server.CreateDatabaseAsync();
        }
        // A class cannot be skipped, its tests can.
        catch (Exception e) when (e.Message.Contains("not installed", StringComparison.Ordinal))
        {
            _missing = e;
            return;
        }
        _gateway = await TestGateway.StartedAsync($"--ConnectionStrings:fndb={Address}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
    }
}
