using Fn.Api.Dashboard.Edit;
using Fn.Api.Functions;
using Fn.Api.Store;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Fn.Tests.Api.Dashboard;

public sealed class FunctionEditorTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private FunctionEditor Editor => gateway.Services.GetRequiredService<FunctionEditor>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(FunctionDraft.App), "", DraftField.App)]
    [InlineData(nameof(FunctionDraft.App), "a b", DraftField.App)]
    [InlineData(nameof(FunctionDraft.Name), "", DraftField.Name)]
    [InlineData(nameof(FunctionDraft.Name), "a/b", DraftField.Name)]
    [InlineData(nameof(FunctionDraft.Image), " ", DraftField.Image)]
    [InlineData(nameof(FunctionDraft.Format), "smoke", DraftField.Format)]
    [InlineData(nameof(FunctionDraft.Memory), "9000", DraftField.Memory)]
    [InlineData(nameof(FunctionDraft.Memory), "much", DraftField.Memory)]
    [InlineData(nameof(FunctionDraft.Timeout), "301", DraftField.Timeout)]
    [InlineData(nameof(FunctionDraft.Timeout), "-1", DraftField.Timeout)]
    [InlineData(nameof(FunctionDraft.IdleTimeout), "3601", DraftField.IdleTimeout)]
    public async Task Create_SomethingWrong_IsSaidAtItsFieldAndNothingIsMade(string property, string value, DraftField field)
    {
        var draft = Draft("wrong", "f");
        typeof(FunctionDraft).GetProperty(property)!.SetValue(draft, value);

        var outcome = await Editor.CreateAsync(draft, Cancel);

        Assert.Equal((null, field), (outcome.FunctionId, outcome.Field));
        Assert.NotNull(outcome.Problem);
        Assert.Empty(await gateway.Services.GetRequiredService<IAppStore>().ListAppsAsync("wrong", new(null, 1), Cancel));
    }

    [Theory]
    [InlineData("", "\"x\"")]
    [InlineData("a b", "\"x\"")]
    [InlineData("a", "text without quotes")]
    [InlineData("a", "null")]
    public async Task Create_WrongAnnotation_IsSaidThere(string key, string value)
    {
        var draft = Draft("annotated", "f");
        draft.Annotations.Add(new DraftEntry { Key = key, Value = value });

        Assert.Equal(DraftField.Annotations, (await Editor.CreateAsync(draft, Cancel)).Field);
    }

    [Fact]
    public async Task Create_NameTaken_IsSaidAtTheName()
    {
        Assert.NotNull((await Editor.CreateAsync(Draft("taken", "f"), Cancel)).FunctionId);

        Assert.Equal(DraftField.Name, (await Editor.CreateAsync(Draft("taken", "f"), Cancel)).Field);
        Assert.Equal(DraftField.App, (await Editor.CreateAppAsync("taken", Cancel)).Field);
    }

    [Fact]
    public async Task Update_EntryTakenOut_IsGoneAndTheRestStays()
    {
        var draft = Draft("updated", "f");
        draft.Config.AddRange([new DraftEntry { Key = "KEEP", Value = "1" }, new DraftEntry { Key = "DROP", Value = "2" }]);
        draft.Annotations.Add(new DraftEntry { Key = "drop", Value = "{ \"a\": 1 }" });
        var id = (await Editor.CreateAsync(draft, Cancel)).FunctionId!;
        Assert.Equal("{\"a\":1}", (await FindAsync(id)).Annotations["drop"]);

        var change = FunctionDraft.Of(await FindAsync(id));
        change.Config.RemoveAll(entry => entry.Key == "DROP");
        change.Annotations.Clear();
        change.Memory = "";
        change.Timeout = "60";
        Assert.Equal(id, (await Editor.UpdateAsync(id, change, Cancel)).FunctionId);

        var updated = await FindAsync(id);
        Assert.Equal(["KEEP"], updated.Config.Keys);
        Assert.Empty(updated.Annotations);
        Assert.Equal((128, 60), (updated.Memory, updated.Timeout));
        Assert.Equal("The function was deleted meanwhile.", (await Editor.UpdateAsync("none", change, Cancel)).Problem);
    }

    private static FunctionDraft Draft(string app, string name) => new() { App = app, Name = name, Image = "image", Format = "http" };

    private async Task<Function> FindAsync(string id) => (await gateway.Services.GetRequiredService<IFunctionStore>().FindFunctionAsync(id, Cancel))!;
}
