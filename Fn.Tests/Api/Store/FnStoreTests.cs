using System.Data.Common;
using Fn.Api.Apps;
using Fn.Api.Functions;
using Fn.Api.Http;
using Fn.Api.Json;
using Fn.Api.Store;
using Fn.Api.Triggers;
using Fn.ServiceDefaults.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Api.Store;

/// <summary>What the store does, whatever database it is in.</summary>
public abstract class FnStoreTests(TestGateway gateway)
{
    // Of a write this test waits for, so that what the database tells later is told apart from it.
    private static readonly AsyncLocal<bool> OwnWrite = new();

    private readonly FnStore _store = gateway.Services.GetRequiredService<FnStore>();
    private readonly StoreChanges _changes = gateway.Services.GetRequiredService<StoreChanges>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddAppAsync_OneNameFromManyWriters_IsDoneOnce()
    {
        var name = NewName();
        var outcomes = await AtOnceAsync(24, _ => _store.AddAppAsync(NewApp(name), Cancel));
        Assert.Single(outcomes, WriteOutcome.Done);
        Assert.Equal(23, outcomes.Count(outcome => outcome == WriteOutcome.NotUnique));
    }

    [Fact]
    public async Task AddAppAsync_ManyNamesFromManyWriters_AreAllDone()
    {
        var prefix = NewName();
        var outcomes = await AtOnceAsync(24, i => _store.AddAppAsync(NewApp($"{prefix}-{i}"), Cancel));
        Assert.All(outcomes, outcome => Assert.Equal(WriteOutcome.Done, outcome));
    }

    [Fact]
    public async Task ReplaceAppAsync_OneVersionFromManyWriters_IsDoneOnceAndStaleForTheRest()
    {
        var app = await AddedAppAsync();
        var outcomes = await AtOnceAsync(24, i => _store.ReplaceAppAsync(app with { SyslogUrl = $"udp://{i}" }, Cancel));
        Assert.Single(outcomes, WriteOutcome.Done);
        Assert.Equal(23, outcomes.Count(outcome => outcome == WriteOutcome.Stale));
        Assert.Equal($"udp://{Array.IndexOf(outcomes, WriteOutcome.Done)}", (await _store.FindAppAsync(app.Id, Cancel))!.SyslogUrl);
    }

    [Fact]
    public async Task ReplaceAppAsync_DeletedMeanwhile_IsStale()
    {
        var app = await AddedAppAsync();
        Assert.True(await _store.DeleteAppAsync(app.Id, Cancel));
        Assert.Equal(WriteOutcome.Stale, await _store.ReplaceAppAsync(app, Cancel));
    }

    [Fact]
    public async Task DeleteAppAsync_ManyAtOnce_OneOfThemDidIt()
    {
        var app = await AddedAppAsync();
        Assert.Single(await AtOnceAsync(8, _ => _store.DeleteAppAsync(app.Id, Cancel)), true);
    }

    [Fact]
    public async Task AddFunctionAsync_WhileItsAppIsDeleted_LeavesNoOrphan()
    {
        var app = await AddedAppAsync();
        var adds = AtOnceAsync(16, i => _store.AddFunctionAsync(NewFunction(app.Id, $"f{i}"), Cancel));
        await _store.DeleteAppAsync(app.Id, Cancel);
        Assert.All(await adds, outcome => Assert.True(outcome is WriteOutcome.Done or WriteOutcome.ParentMissing));
        Assert.Equal(WriteOutcome.ParentMissing, await _store.AddFunctionAsync(NewFunction(app.Id, "late"), Cancel));
        Assert.Empty(await _store.ListFunctionsAsync(app.Id, null, new ListPage(null, 100), Cancel));
    }

    [Fact]
    public async Task AddTriggerAsync_TakenSourceOrNameOrNoFunction_IsToldApart()
    {
        var app = await AddedAppAsync();
        var function = NewFunction(app.Id, "f");
        await _store.AddFunctionAsync(function, Cancel);
        Assert.Equal(WriteOutcome.Done, await _store.AddTriggerAsync(NewTrigger(function, "t", "/s"), Cancel));
        Assert.Equal(WriteOutcome.NotUnique, await _store.AddTriggerAsync(NewTrigger(function, "u", "/s"), Cancel));
        Assert.Equal(WriteOutcome.NotUnique, await _store.AddTriggerAsync(NewTrigger(function, "t", "/u"), Cancel));
        Assert.Equal(WriteOutcome.ParentMissing, await _store.AddTriggerAsync(NewTrigger(function with { Id = "none" }, "v", "/v"), Cancel));
    }

    [Fact]
    public async Task DeployAsync_TriggersThatSwapTheirSources_AreWrittenTogetherOrNotAtAll()
    {
        var app = await AddedAppAsync();
        var function = NewFunction(app.Id, "f");
        var (one, other) = (NewTrigger(function, "one", "/one"), NewTrigger(function, "other", "/other"));
        Assert.Equal(WriteOutcome.Done, await _store.DeployAsync(new DeployedRows { NewFunction = function, NewTriggers = [one, other] }, Cancel));
        Trigger[] swapped = [one with { Source = "/other" }, other with { Source = "/one" }];

        Assert.Equal(WriteOutcome.NotUnique, await _store.DeployAsync(new DeployedRows { ChangedTriggers = swapped, NewTriggers = [NewTrigger(function, "third", "/one")] }, Cancel));
        Assert.Equal("/one", (await _store.FindTriggerAsync(one.Id, Cancel))!.Source);
        Assert.Equal(WriteOutcome.Done, await _store.DeployAsync(new DeployedRows { ChangedTriggers = swapped }, Cancel));

        Assert.Equal("/other", (await _store.FindTriggerAsync(one.Id, Cancel))!.Source);
        Assert.Equal(WriteOutcome.Stale, await _store.DeployAsync(new DeployedRows { ChangedTriggers = swapped }, Cancel));
    }

    [Fact]
    public async Task FindAppAsync_AfterAdd_GivesBackEveryField()
    {
        var app = NewApp(NewName()) with
        {
            Config = StringMap.Empty.Add("k<", "v\"\n\u2028é😀").Add("empty", ""),
            Annotations = StringMap.Empty.Add("a", """{"z":"<&>","a":[1,2.50]}""").Add("b", "\"\\u00e9\""),
            SyslogUrl = "",
            Shape = "GENERIC_ARM",
        };
        await _store.AddAppAsync(app, Cancel);
        var found = (await _store.FindAppAsync(app.Id, Cancel))!;
        Assert.Equal(app.Config, found.Config);
        Assert.Equal(app.Annotations, found.Annotations);
        Assert.Equal((app.Name, app.SyslogUrl, app.Shape, app.CreatedAt, app.UpdatedAt), (found.Name, found.SyslogUrl, found.Shape, found.CreatedAt, found.UpdatedAt));
    }

    [Fact]
    public async Task ListAppsAsync_NamesThatDifferInCaseOrScript_AreOrderedByBytes()
    {
        var prefix = NewName();
        string[] ordered = [prefix + "A", prefix + "Z", prefix + "a", prefix + "é", prefix + "日", prefix + "\U0001D552"];
        foreach (var name in ordered.Reverse())
            await _store.AddAppAsync(NewApp(name), Cancel);
        var listed = await _store.ListAppsAsync(null, new ListPage(prefix, 6), Cancel);
        Assert.Equal(ordered, listed.Select(app => app.Name));
        Assert.Equal(ordered[3..], (await _store.ListAppsAsync(null, new ListPage(ordered[2], 3), Cancel)).Select(app => app.Name));
    }

    [Fact]
    public async Task FindFunctionAsync_ControlCharacters_AreKept()
    {
        var app = await AddedAppAsync();
        var function = NewFunction(app.Id, "f") with { Image = "a\0b\u00011\u00010" };
        await _store.AddFunctionAsync(function, Cancel);
        Assert.Equal(function.Image, (await _store.FindFunctionAsync(function.Id, Cancel))!.Image);
        Assert.Null(await _store.FindFunctionAsync("\0", Cancel));
    }

    [Fact]
    public async Task ListAppsAsync_TenThousandApps_ReadsPageByPage()
    {
        var prefix = "many" + NewName();
        var names = Enumerable.Range(0, 10_000).Select(i => $"{prefix}{i:0000}").ToList();
        using (var scope = gateway.Services.CreateScope())
        {
            await using var context = await scope.ServiceProvider.GetRequiredService<IDbContextFactory<FnDbContext>>().CreateDbContextAsync(Cancel);
            context.ChangeTracker.AutoDetectChangesEnabled = false;
            context.AddRange(names.Select(NewApp));
            await context.SaveChangesAsync(Cancel);
        }
        var read = new List<string>();
        for (var after = prefix; ;)
        {
            var page = await _store.ListAppsAsync(null, new ListPage(after, 100), Cancel);
            read.AddRange(page.Select(app => app.Name).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)));
            if (page.Count < 100 || read.Count == names.Count)
                break;
            after = page[^1].Name;
        }
        Assert.Equal(names, read);
    }

    [Fact]
    public async Task DeployAsync_OnePartFails_WritesNothing()
    {
        var app = NewApp(NewName());
        var function = NewFunction(app.Id, "f");
        var rows = new DeployedRows { NewApp = app, NewFunction = function, NewTriggers = [NewTrigger(function, "t", "/s"), NewTrigger(function, "u", "/s")] };
        Assert.Equal(WriteOutcome.NotUnique, await _store.DeployAsync(rows, Cancel));
        Assert.Null(await _store.FindAppAsync(app.Id, Cancel));
        Assert.Null(await _store.FindFunctionAsync(function.Id, Cancel));
    }

    [Fact]
    public async Task EveryWrite_Done_IsAnnouncedAfterItIsVisible()
    {
        var app = NewApp(NewName());
        var function = NewFunction(app.Id, "f");
        var trigger = NewTrigger(function, "t", "/s");
        var seen = new List<(StoreChangeKind Kind, bool There)>();
        string[] ids = [app.Id, function.Id, trigger.Id];
        void OnChanged(StoreChange change)
        {
            if (OwnWrite.Value && ids.Contains(change.Id))
                seen.Add((change.Kind, IsThere(change)));
        }

        _changes.Changed += OnChanged;
        OwnWrite.Value = true;
        await _store.AddAppAsync(app, Cancel);
        await _store.AddFunctionAsync(function, Cancel);
        await _store.AddTriggerAsync(trigger, Cancel);
        await _store.ReplaceFunctionAsync(function, Cancel);
        await _store.DeleteTriggerAsync(trigger.Id, Cancel);
        await _store.DeleteFunctionAsync(function.Id, Cancel);
        await _store.DeleteAppAsync(app.Id, Cancel);
        _changes.Changed -= OnChanged;

        Assert.Equal(
            [
                (StoreChangeKind.App, true), (StoreChangeKind.Function, true), (StoreChangeKind.Trigger, true), (StoreChangeKind.Function, true),
                (StoreChangeKind.Trigger, false), (StoreChangeKind.Function, false), (StoreChangeKind.App, false),
            ],
            seen);
    }

    [Fact]
    public async Task Directory_SearchedAndPaged_HasWhatMatchesInOrder()
    {
        var app = await AddedAppAsync();
        foreach (var name in (string[])["beta", "alpha", "Gamma"])
            Assert.Equal(WriteOutcome.Done, await _store.AddFunctionAsync(NewFunction(app.Id, name) with { Image = $"i-{app.Name}" }, Cancel));
        var all = await _store.ListAsync(app.Name, new ListPart(0, 10, Descending: false), [], Cancel);
        Assert.Equal(["Gamma", "alpha", "beta"], all.Select(listing => listing.Name));
        Assert.Equal(3, await _store.CountAsync($"I-{app.Name}", Cancel));
        Assert.Equal(["beta", "alpha"], (await _store.ListAsync($"{app.Name}/", new ListPart(0, 2, Descending: true), [], Cancel)).Select(listing => listing.Name));
        Assert.Equal(["beta"], (await _store.ListAsync(app.Name, new ListPart(1, 2, Descending: false), [all[0].Id], Cancel)).Select(listing => listing.Name));
        Assert.Equal([all[0].Id], await _store.MatchAsync($"{app.Name}/gAM", [all[0].Id, all[1].Id, "none"], Cancel));
        Assert.Equal([new FunctionListing(all[1].Id, app.Id, app.Name, "alpha", $"i-{app.Name}")], await _store.FindAsync([all[1].Id, "none"], Cancel));
    }

    [Fact]
    public async Task ListMinHotAsync_AnnotationOfFunctionOrApp_IsFoundInEachScope()
    {
        var app = await AddedAppAsync();
        var asking = NewApp(NewName()) with { Annotations = StringMap.Empty.Add("fn.min_hot", "1") };
        Assert.Equal(WriteOutcome.Done, await _store.AddAppAsync(asking, Cancel));
        var plain = NewFunction(app.Id, "plain") with { Annotations = StringMap.Empty.Add("fn.max_containers", "2") };
        Function[] hot =
        [
            NewFunction(app.Id, "hot") with { Annotations = StringMap.Empty.Add("a", "1").Add("fn.min_hot", "2") },
            NewFunction(app.Id, "off") with { Annotations = StringMap.Empty.Add("fn.min_hot", "0") },
            NewFunction(asking.Id, "by its app"),
        ];
        foreach (var function in (Function[])[plain, .. hot, NewFunction(app.Id, "nothing")])
            Assert.Equal(WriteOutcome.Done, await _store.AddFunctionAsync(function, Cancel));

        var all = new List<string>();
        for (IReadOnlyList<string> page = []; all.Count == 0 || page.Count > 0; all.AddRange(page))
            page = await _store.ListMinHotAsync(default, all.LastOrDefault(), 2, Cancel);
        Assert.Equal(all.Order(StringComparer.Ordinal), all);
        Assert.All(hot, function => Assert.Contains(function.Id, all));
        Assert.DoesNotContain(plain.Id, all);
        Assert.Equal([hot[2].Id], await _store.ListMinHotAsync(new MinHotScope(AppId: asking.Id), null, 100, Cancel));
        Assert.Equal([hot[1].Id], await _store.ListMinHotAsync(new MinHotScope(FunctionIds: [hot[1].Id, "none"]), null, 100, Cancel));
        Assert.Empty(await _store.ListMinHotAsync(new MinHotScope(AppId: "none"), null, 100, Cancel));
    }

    private static string NewName() => Guid.NewGuid().ToString("N");

    private static App NewApp(string name) => new()
    {
        Id = FnId.New(TimeProvider.System),
        Name = name,
        Config = StringMap.Empty,
        Annotations = StringMap.Empty,
        Shape = "",
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
    };

    private static Function NewFunction(string appId, string name) => new()
    {
        Id = FnId.New(TimeProvider.System),
        Name = name,
        AppId = appId,
        Image = "i",
        Format = FunctionFormat.HttpStream,
        Memory = 128,
        Timeout = 30,
        IdleTimeout = 30,
        Config = StringMap.Empty,
        Annotations = StringMap.Empty,
        Shape = "",
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
    };

    private static Trigger NewTrigger(Function function, string name, string source) => new()
    {
        Id = FnId.New(TimeProvider.System),
        Name = name,
        AppId = function.AppId,
        FunctionId = function.Id,
        Type = Trigger.HttpType,
        Source = source,
        Annotations = StringMap.Empty,
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
    };

    private static Task<T[]> AtOnceAsync<T>(int writers, Func<int, Task<T>> write) =>
        Task.WhenAll(Enumerable.Range(0, writers).Select(i => Task.Run(() => write(i), Cancel)));

    private async Task<App> AddedAppAsync()
    {
        var app = NewApp(NewName());
        Assert.Equal(WriteOutcome.Done, await _store.AddAppAsync(app, Cancel));
        return app;
    }

    /// <summary>A connection to the database that is not the store's.</summary>
    protected abstract DbConnection OpenConnection();

    // On the handler's own thread: the point is what the store says at that very moment.
    private bool IsThere(StoreChange change)
    {
        using var connection = OpenConnection();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM apps WHERE id = @id UNION SELECT id FROM fns WHERE id = @id UNION SELECT id FROM triggers WHERE id = @id";
        var id = command.CreateParameter();
        (id.ParameterName, id.Value) = ("@id", change.Id);
        command.Parameters.Add(id);
        return command.ExecuteScalar() is not null;
    }
}
